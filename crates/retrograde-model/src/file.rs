//! The model file: a safetensors container with one JSON text in its metadata.
//!
//! ```text
//! 8 bytes   length n of the header, little-endian
//! n bytes   JSON: {"__metadata__": {"retrograde": TEXT}, "L1.weight": {dtype, shape, data_offsets}, …}
//! the rest  L1.bias, L1.weight, L2.bias, … little-endian, in the model's type, weights row-major s_out×s_in
//!
//! TEXT      {"format":1,"checksum":"16 hex digits","model":{…}}
//! ```
//!
//! `checksum` is the 64-bit FNV-1a hash of the text of `model`, in which `tensors` is the same hash of all parameters
//! in flat order. FNV-1a never maps a text and the same text with one byte changed to one value, so every altered byte
//! that carries meaning is noticed. It guards against accidents, not against forgery.
//!
//! Of `model`, `history` is a list for each epoch, and `layers`, which older files do not have, one for each epoch after which
//! the layers were looked at:
//!
//! ```text
//! history  [epoch, J, ‖∇J‖, η, evaluations, [cost, accuracy, rmse] of the validation rows]
//! layers   [epoch, [[q of |δ|, q of |∂J/∂W|/|W|, dead, saturated], … layer 2 to L]],    q the 5 %, 50 % and 95 % quantiles
//! ```

mod contents;
mod history;
mod reader;

use crate::error::ModelError;
use crate::model::{Model, Number, Weights};
use contents::Contents;
use reader::Reader;
use retrograde::{Network, Params};
use safetensors::tensor::{Dtype as TensorType, TensorView};
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

/// The model format that this version writes, and the newest that it reads.
pub const FORMAT: u64 = 1;

/// The metadata key of the JSON text.
const KEY: &str = "retrograde";
/// The largest header; an encoder with every category of a large table is far below.
const MAX_HEADER: u64 = 64 << 20;
/// Bytes of the header's length.
const PREFIX: u64 = 8;
/// The length and the first byte of the header: what tells a model from other files.
const START: u64 = 9;
/// The most that is read from a stream: every network that can be, in f64, and its header.
const MAX_STREAM: u64 = (8 * retrograde::network::MAX_WEIGHTS as u64) + MAX_HEADER;

impl Model {
    /// The bytes of the model's file. The same model gives the same bytes.
    ///
    /// # Errors
    /// [`ModelError::File`] for a header that would be too large to be read again.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ModelError> {
        match &self.weights {
            Weights::F32(params) => self.encode(params, |w| w.to_le_bytes().to_vec(), TensorType::F32),
            Weights::F64(params) => self.encode(params, |w| w.to_le_bytes().to_vec(), TensorType::F64),
        }
    }

    fn encode<T: Number>(
        &self,
        params: &Params<T>,
        to_bytes: fn(&T) -> Vec<u8>,
        dtype: TensorType,
    ) -> Result<Vec<u8>, ModelError> {
        let bytes: Vec<u8> = params.values().iter().flat_map(to_bytes).collect();
        let refused = |reason: String| ModelError::File { path: "the model".into(), reason };
        let contents = Contents::of(self, checksum(&bytes));
        let model = serde_json::to_string(&contents).map_err(|error| refused(error.to_string()))?;
        let text = format!("{}{model}}}", text_start(&checksum(model.as_bytes())));
        let mut tensors = Vec::new();
        for place in places(self.network(), self.dtype().size()) {
            let view = TensorView::new(dtype, place.shape, &bytes[place.bytes]);
            tensors.push((place.name, view.map_err(|error| refused(error.to_string()))?));
        }
        let metadata = HashMap::from([(KEY.to_owned(), text)]);
        let file =
            safetensors::serialize(tensors, Some(metadata)).map_err(|error| refused(error.to_string()))?;
        match header_length(&file) {
            Some(length) if length <= MAX_HEADER => Ok(file),
            _ => Err(refused("its encoder is too large to be stored".into())),
        }
    }

    /// Reads a model; `name` is what errors call it.
    ///
    /// # Errors
    /// [`ModelError::File`] for bytes that are no model, [`ModelError::Newer`] for a later format,
    /// [`ModelError::Damaged`] for a model that was cut off or altered. Sizes are compared with the number of bytes
    /// that are there before anything is allocated.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self, ModelError> {
        Reader { name }.read(&mut &*bytes, bytes.len() as u64)
    }

    /// Reads a model file.
    ///
    /// # Errors
    /// [`ModelError::Io`] when the file cannot be read, and everything that [`Model::from_bytes`] refuses.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let name = path.display().to_string();
        let io = |source| ModelError::Io { action: "read", path: name.clone(), source };
        let mut file = std::fs::File::open(path).map_err(io)?;
        let metadata = file.metadata().map_err(io)?;
        if metadata.is_file() {
            return Reader { name: &name }.read(&mut file, metadata.len());
        }
        Self::read(&name, &mut file)
    }

    /// Reads a model from a stream, whose length nobody knows; `name` is what errors call it.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn read(name: &str, from: &mut dyn Read) -> Result<Self, ModelError> {
        let io = |source| ModelError::Io { action: "read", path: name.to_owned(), source };
        let mut bytes = Vec::new();
        from.take(START).read_to_end(&mut bytes).map_err(io)?;
        // What does not begin as a model is not read to an end that it may not have.
        if bytes.last() == Some(&b'{') {
            from.take(MAX_STREAM).read_to_end(&mut bytes).map_err(io)?;
        }
        Self::from_bytes(name, &bytes)
    }
}

/// One tensor: its name, its shape, and its bytes in flat order.
struct Place {
    name: String,
    shape: Vec<usize>,
    bytes: std::ops::Range<usize>,
}

/// `L1.weight`, `L1.bias`, … for numbers of `size` bytes.
fn places(network: &Network, size: usize) -> Vec<Place> {
    let bytes = |range: std::ops::Range<usize>| range.start * size..range.end * size;
    let of = |(l, layer): (usize, retrograde::network::LayerShape)| {
        let weight = Place {
            name: format!("L{}.weight", l + 1),
            shape: vec![layer.units, layer.inputs],
            bytes: bytes(layer.weights),
        };
        let bias =
            Place { name: format!("L{}.bias", l + 1), shape: vec![layer.units], bytes: bytes(layer.bias) };
        [weight, bias]
    };
    network.layers().enumerate().flat_map(of).collect()
}

/// Whether a model would be taken when it is read from a file.
pub(crate) fn describes_a_model(model: &Model) -> Result<(), String> {
    Contents::of(model, String::new()).validate()
}

/// Everything in the metadata's text that comes before the description.
fn text_start(checksum: &str) -> String {
    format!("{{\"format\":{FORMAT},\"checksum\":\"{checksum}\",\"model\":")
}

/// The length that the first 8 bytes declare.
fn header_length(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk().map(|length| u64::from_le_bytes(*length))
}

/// FNV-1a, 64 bits, as 16 hexadecimal digits.
pub(crate) fn checksum(bytes: &[u8]) -> String {
    checksum_of(std::iter::once(bytes))
}

/// The same of pieces, one after the other.
pub(crate) fn checksum_of(pieces: impl Iterator<Item = impl AsRef<[u8]>>) -> String {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let add = |hash: u64, piece: &[u8]| piece.iter().fold(hash, step);
    format!("{:016x}", pieces.fold(0xcbf2_9ce4_8422_2325, |hash, piece| add(hash, piece.as_ref())))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_checksum_is_fnv_1a() {
        // Published test vectors of the 64-bit hash.
        assert_eq!(super::checksum(b""), "cbf29ce484222325");
        assert_eq!(super::checksum(b"a"), "af63dc4c8601ec8c");
        assert_eq!(super::checksum(b"foobar"), "85944171f73967e8");
    }
}
