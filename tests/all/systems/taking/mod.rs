//! Recovery points, taken of real servers and files, and restored with standard tools alone.

mod aof;
mod broker;
mod certificate;
mod commands;
mod damaged;
mod files;
mod keeping;
mod redis;
mod search;
mod trouble;
