//! Every parameter learning method beside an independent implementation: `golden/methods.json`, made by
//! `golden/make_methods.py` with PyTorch, SciPy and scikit-learn.

#[path = "../common/mod.rs"]
mod common;

mod automatic;
mod case;
mod closures;
mod golden;
mod least_squares;
mod minima;
mod regularisers;
mod schedules;
mod steps;
