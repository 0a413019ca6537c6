//! Figures as SVG text: one file that needs nothing else, for browsers and for paper, in light and in dark.
//!
//! Numbers become places on the page by a scale, ticks say which of them are labelled, `svg` writes the
//! elements, and [`LineChart`] and [`Ranking`] put them together.

mod chart;
mod decimal;
mod ranking;
mod scale;
mod series;
mod spread;
mod style;
mod svg;
mod text;
mod ticks;

pub use chart::{Axis, Format, Line, LineChart, Look, Mark, stacked};
pub use ranking::{Ranked, Ranking};
pub use scale::ScaleKind;
#[cfg(test)]
pub(crate) use style::contrast;
pub(crate) use svg::escaped;
pub(crate) use text::{clean, shortened};
