//! Figures as SVG text: one file that needs nothing else, for browsers and for paper, in light and in dark.
//!
//! Numbers become places on the page by a scale, ticks say which of them are labelled, `svg` writes the
//! elements, and [`LineChart`] puts them together. Other figures share everything but the last.

mod chart;
mod decimal;
mod scale;
mod series;
mod spread;
mod style;
mod svg;
mod text;
mod ticks;

pub use chart::{Axis, Line, LineChart, Look, Mark, stacked};
pub use scale::ScaleKind;
#[cfg(test)]
pub(crate) use style::contrast;
pub(crate) use svg::escaped;
pub(crate) use text::clean;
