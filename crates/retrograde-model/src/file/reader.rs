//! Reading a model file, every part of which may be otherwise than it says.

use super::contents::Contents;
use super::{FORMAT, KEY, MAX_HEADER, PREFIX, Place, START, checksum, header_length, places, text_start};
use crate::error::ModelError;
use crate::model::{Model, Number, Weights};
use retrograde::{Network, Params};
use safetensors::tensor::{Dtype as TensorType, TensorInfo};
use serde::Deserialize;
use std::collections::HashMap;
use std::io::Read;

/// The header as JSON.
#[derive(Deserialize)]
struct Header {
    #[serde(rename = "__metadata__", default)]
    metadata: HashMap<String, String>,
    #[serde(flatten)]
    tensors: HashMap<String, TensorInfo>,
}

/// Reads one model file.
pub(super) struct Reader<'a> {
    pub(super) name: &'a str,
}

impl Reader<'_> {
    fn file(&self, reason: impl Into<String>) -> ModelError {
        ModelError::File { path: self.name.to_owned(), reason: reason.into() }
    }

    fn damaged(&self, reason: impl Into<String>) -> ModelError {
        ModelError::Damaged { path: self.name.to_owned(), reason: reason.into() }
    }

    fn fill(&self, from: &mut dyn Read, buffer: &mut [u8]) -> Result<(), ModelError> {
        from.read_exact(buffer).map_err(|source| ModelError::Io {
            action: "read",
            path: self.name.to_owned(),
            source,
        })
    }

    /// Reads a model from `length` bytes.
    pub(super) fn read(&self, from: &mut dyn Read, length: u64) -> Result<Model, ModelError> {
        let mut start = [0; START as usize];
        if length < start.len() as u64 {
            return Err(self.file(format!("it has {length} bytes")));
        }
        self.fill(from, &mut start)?;
        if start[8] != b'{' {
            return Err(self.file("it does not begin as one"));
        }
        let declared = header_length(&start).unwrap_or(u64::MAX);
        if declared > MAX_HEADER {
            return Err(self.file(format!("its header would have {declared} bytes, expected at most 64 MiB")));
        }
        if declared > length - PREFIX || declared == 0 {
            return Err(self.damaged(format!("a header of {declared} bytes in a file of {length} bytes")));
        }
        // At most the file's length: nothing is allocated that is not there.
        let mut header = vec![b'{'; declared as usize];
        self.fill(from, &mut header[1..])?;
        let (contents, tensors) = self.header(&header)?;
        let there = length - PREFIX - declared;
        let expected = contents.network.weight_count() as u64 * contents.dtype.size() as u64;
        if there != expected {
            return Err(self.damaged(format!("{there} bytes of weights, expected {expected}")));
        }
        let mut data = vec![0; there as usize];
        self.fill(from, &mut data)?;
        self.model(contents, &tensors, &data)
    }

    /// The contents, checked, and where the tensors lie.
    fn header(&self, bytes: &[u8]) -> Result<(Contents, HashMap<String, TensorInfo>), ModelError> {
        let header: Header =
            serde_json::from_slice(bytes).map_err(|error| self.damaged(format!("its header: {error}")))?;
        let text = header
            .metadata
            .get(KEY)
            .ok_or_else(|| self.file("a safetensors file without retrograde's metadata"))?;
        let contents: Contents = serde_json::from_str(self.checked_text(text)?)
            .map_err(|error| self.damaged(format!("its description: {error}")))?;
        contents.validate().map_err(|reason| self.damaged(reason))?;
        Ok((contents, header.tensors))
    }

    /// The text of `model` after format and checksum are compared.
    fn checked_text<'t>(&self, text: &'t str) -> Result<&'t str, ModelError> {
        #[derive(Deserialize)]
        struct Envelope {
            format: u64,
            checksum: String,
        }
        let envelope: Envelope =
            serde_json::from_str(text).map_err(|error| self.damaged(format!("its metadata: {error}")))?;
        if envelope.format > FORMAT {
            let (path, found) = (self.name.to_owned(), envelope.format);
            return Err(ModelError::Newer { path, found, supported: FORMAT });
        }
        let model =
            text.strip_prefix(&text_start(&envelope.checksum)).and_then(|rest| rest.strip_suffix('}'));
        match model {
            Some(model) if checksum(model.as_bytes()) == envelope.checksum => Ok(model),
            _ => Err(self.damaged("its description was altered: the checksum differs")),
        }
    }

    fn model(
        &self,
        contents: Contents,
        tensors: &HashMap<String, TensorInfo>,
        data: &[u8],
    ) -> Result<Model, ModelError> {
        let (dtype, network) = (contents.dtype, contents.network.clone());
        let places = places(&network, dtype.size());
        if tensors.len() != places.len() {
            return Err(self.damaged(format!("{} tensors, expected {}", tensors.len(), places.len())));
        }
        // The file's order is its own; the flat order is ours.
        let mut flat = Vec::with_capacity(data.len());
        for place in &places {
            flat.extend_from_slice(self.tensor(place, tensors, (dtype.name(), data))?);
        }
        if checksum(&flat) != contents.tensors {
            return Err(self.damaged("its weights were altered: the checksum differs"));
        }
        let weights = match dtype {
            crate::Dtype::F32 => Weights::F32(self.params(&network, &flat, f32::from_le_bytes)?),
            crate::Dtype::F64 => Weights::F64(self.params(&network, &flat, f64::from_le_bytes)?),
        };
        Ok(contents.into_model(weights))
    }

    /// The bytes of one tensor, when type, shape and place are as expected.
    fn tensor<'d>(
        &self,
        place: &Place,
        tensors: &HashMap<String, TensorInfo>,
        (dtype, data): (&str, &'d [u8]),
    ) -> Result<&'d [u8], ModelError> {
        let name = &place.name;
        let info = tensors.get(name).ok_or_else(|| self.damaged(format!("the tensor {name} is missing")))?;
        let found = match info.dtype {
            TensorType::F32 => "f32",
            TensorType::F64 => "f64",
            _ => "of another type",
        };
        if found != dtype || info.shape != place.shape {
            let (shape, expected) = (&info.shape, &place.shape);
            return Err(self.damaged(format!("{name} is {found} {shape:?}, expected {dtype} {expected:?}")));
        }
        let (start, end) = info.data_offsets;
        let bytes = data.get(start..end).filter(|bytes| bytes.len() == place.bytes.len());
        bytes.ok_or_else(|| self.damaged(format!("{name} lies at bytes {start} to {end} of {}", data.len())))
    }

    fn params<T: Number, const N: usize>(
        &self,
        network: &Network,
        flat: &[u8],
        read: fn([u8; N]) -> T,
    ) -> Result<Params<T>, ModelError> {
        let values: Vec<T> = flat.as_chunks::<N>().0.iter().map(|bytes| read(*bytes)).collect();
        if let Some(index) = values.iter().position(|w| !Into::<f64>::into(*w).is_finite()) {
            let (id, value) = (network.weight_at(index), values[index]);
            return Err(self.damaged(format!("the weight {id} is {value}, expected a finite number")));
        }
        Params::from_values(network, values).map_err(|error| self.damaged(error.to_string()))
    }
}
