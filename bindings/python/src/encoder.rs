//! How the columns of a table become inputs, as the command's models have it.

use crate::compute::work;
use crate::table::{PyColumn, PyTarget, refuse, table};
use numpy::IntoPyArray;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use retrograde_data::{Encoder as Inner, EncoderSettings, InputColumn, NumberScale, Scaling, TargetEncoding};

/// Learned from columns, or of a model; it pickles.
#[derive(Debug)]
#[pyclass(frozen, module = "retrograde._core")]
pub(crate) struct Encoder {
    pub(crate) inner: Inner,
}

/// ("classes", column, classes) or ("numbers", columns).
type TargetParts<'a> = (&'static str, Vec<&'a str>, Option<&'a [String]>);

#[pymethods]
impl Encoder {
    /// From the text of `__getnewargs__`, which is how it pickles.
    #[new]
    fn new(text: &str) -> PyResult<Self> {
        let inner: Inner = serde_json::from_str(text)
            .map_err(|error| PyValueError::new_err(format!("this text is no encoder: {error}")))?;
        inner.validate().map_err(refuse)?;
        Ok(Self { inner })
    }

    /// Learned from all rows: numbers as they are, what is missing filled by the median beside an input that says so,
    /// categories with an input for each of at most `max_levels` levels and one for everything else.
    #[staticmethod]
    fn fit(
        py: Python<'_>,
        columns: Vec<PyColumn<'_>>,
        target: PyTarget,
        max_levels: usize,
    ) -> PyResult<Self> {
        let table = table(columns)?;
        let settings = EncoderSettings { scaling: Scaling::None, max_levels, ..EncoderSettings::default() };
        let inner = work(py, || {
            let rows: Vec<usize> = (0..table.rows()).collect();
            Inner::fit_inputs(&table, &rows, &settings, target.into()).map_err(refuse)
        })?;
        Ok(Self { inner })
    }

    /// The one that leaves numbers in columns of these names as they are.
    #[staticmethod]
    fn plain(names: Vec<String>, target: PyTarget) -> PyResult<Self> {
        let number = |column: String| InputColumn::Number {
            column,
            scale: NumberScale::IDENTITY,
            fill: 0.0,
            missing_indicator: false,
        };
        let inputs = names.into_iter().map(number).collect();
        let inner = Inner { inputs, target: target.into(), notes: Vec::new(), choices: None };
        inner.validate().map_err(refuse)?;
        Ok(Self { inner })
    }

    /// The inputs of every row.
    fn transform<'py>(
        &self,
        py: Python<'py>,
        columns: Vec<PyColumn<'_>>,
        is_single: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let table = table(columns)?;
        let rows: Vec<usize> = (0..table.rows()).collect();
        Ok(if is_single {
            let x = work(py, || self.inner.transform_as::<f32>(&table, &rows).map_err(refuse))?;
            x.into_pyarray(py).into_any()
        } else {
            let x = work(py, || self.inner.transform_as::<f64>(&table, &rows).map_err(refuse))?;
            x.into_pyarray(py).into_any()
        })
    }

    /// The same inputs for a target of another description.
    fn with_target(&self, target: PyTarget) -> PyResult<Self> {
        let inner = Inner { target: target.into(), ..self.inner.clone() };
        inner.validate().map_err(refuse)?;
        Ok(Self { inner })
    }

    /// Targets in their own unit as the network is trained on them, the inverse of `unscale`.
    fn scale<'py>(&self, py: Python<'py>, values: numpy::PyReadonlyArray2<'py, f64>) -> Bound<'py, PyAny> {
        let mut values = values.as_array().to_owned();
        if let TargetEncoding::Numbers { mean, scale, .. } = &self.inner.target {
            for ((mut column, mean), scale) in values.columns_mut().into_iter().zip(mean).zip(scale) {
                column.mapv_inplace(|value| (value - mean) / scale);
            }
        }
        values.into_pyarray(py).into_any()
    }

    /// Numbers that a network gives, in the target's own unit: a matrix with a column for each target.
    fn unscale<'py>(&self, py: Python<'py>, values: numpy::PyReadonlyArray2<'py, f64>) -> Bound<'py, PyAny> {
        let mut values = values.as_array().to_owned();
        self.inner.target.unscale_matrix(&mut values);
        values.into_pyarray(py).into_any()
    }

    /// Whether inputs are the columns' own numbers, all of them there.
    #[getter]
    fn has_plain_inputs(&self) -> bool {
        self.inner.inputs.iter().all(|input| match input {
            InputColumn::Number { scale, missing_indicator, .. } => {
                *scale == NumberScale::IDENTITY && !missing_indicator
            }
            _ => false,
        })
    }

    /// Whether targets are numbers or classes as they are.
    #[getter]
    fn has_plain_targets(&self) -> bool {
        match &self.inner.target {
            TargetEncoding::Classes { .. } => true,
            TargetEncoding::Numbers { mean, scale, .. } => {
                mean.iter().all(|mean| *mean == 0.0) && scale.iter().all(|scale| *scale == 1.0)
            }
        }
    }

    /// The columns, and of each whether it is a number, a category, a boolean or a date.
    #[getter]
    fn columns(&self) -> Vec<(&str, &'static str)> {
        let kind = |input: &InputColumn| match input {
            InputColumn::Number { .. } => "number",
            InputColumn::Category { .. } => "category",
            InputColumn::Boolean { .. } => "boolean",
            InputColumn::Date { .. } => "date",
        };
        self.inner.inputs.iter().map(|input| (input.column(), kind(input))).collect()
    }

    /// The names of the inputs.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.inner.names()
    }

    /// What was decided on the way, in sentences.
    #[getter]
    fn notes(&self) -> &[String] {
        &self.inner.notes
    }

    #[getter]
    fn target(&self) -> TargetParts<'_> {
        let kind = if self.inner.target.classes().is_some() { "classes" } else { "numbers" };
        (kind, self.inner.target.columns(), self.inner.target.classes())
    }

    fn __getnewargs__(&self) -> PyResult<(String,)> {
        let text = serde_json::to_string(&self.inner);
        Ok((text.map_err(|error| PyValueError::new_err(error.to_string()))?,))
    }
}
