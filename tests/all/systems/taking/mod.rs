//! Recovery points, taken of real servers and files, and restored with standard tools alone.

mod aof;
mod base;
mod broker;
mod certificate;
pub mod cluster;
mod commands;
mod damaged;
mod deposits;
mod files;
mod keeping;
mod redis;
mod search;
mod trouble;
