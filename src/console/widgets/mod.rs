//! Parts that several screens draw: lists, columns, pages of text, graphs, ages.

pub mod age;
pub mod beside;
pub mod columns;
pub mod filter;
pub mod fold;
pub mod graph;
pub mod line;
pub mod list;
pub mod page;
pub mod reader;

pub use age::{age, ago, due, lasting};
pub use beside::{beside, half};
pub use columns::{Column, Place, fit};
pub use filter::Filter;
pub use fold::fold;
pub use line::Line;
pub use list::{List, Tall};
pub use page::{FactRow, Page};
pub use reader::Reader;
