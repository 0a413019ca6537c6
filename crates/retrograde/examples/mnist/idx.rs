//! The files of MNIST: IDX, which is a magic number, the sizes and one byte for each value, compressed with gzip.

use flate2::read::MultiGzDecoder;
use ndarray::Array2;
use std::io::{self, Read};
use std::path::Path;

/// Height and width of an image.
const SIDE: usize = 28;

/// Inputs of an image.
pub(crate) const PIXELS: usize = SIDE * SIDE;

/// Classes.
pub(crate) const DIGITS: usize = 10;

/// The most bytes that a file may declare: some five times as many as MNIST has. As f32 they take four times the memory.
const LIMIT: usize = 1 << 28;

/// The last byte of the magic number counts the sizes, the one before says that values are bytes.
const MAGIC_OF_BYTES: u32 = 0x0800;

/// Images and what they show.
#[derive(Debug)]
pub(crate) struct Rows {
    /// A row for each image, pixels from 0 to 1.
    pub x: Array2<f32>,
    /// 1 in the column of the digit.
    pub y: Array2<f32>,
}

/// Why a file is none of MNIST's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IdxError {
    #[error("cannot read {file}: {source}")]
    Io { file: String, source: io::Error },
    #[error("{file}: found {found}, expected {expected}")]
    Content { file: String, found: String, expected: String },
}

/// `train` or `t10k`.
pub(crate) fn read(folder: &Path, part: &str) -> Result<Rows, IdxError> {
    let open = |name: String| {
        let path = folder.join(name);
        let file = path.display().to_string();
        match std::fs::File::open(&path) {
            Ok(bytes) => Ok((file, bytes)),
            Err(source) => Err(IdxError::Io { file, source }),
        }
    };
    let (images, labels) = (format!("{part}-images-idx3-ubyte.gz"), format!("{part}-labels-idx1-ubyte.gz"));
    rows(open(images)?, open(labels)?)
}

/// The rows of two compressed files, each with the name it has in errors.
fn rows(images: (String, impl Read), labels: (String, impl Read)) -> Result<Rows, IdxError> {
    let (image_file, label_file) = (images.0.clone(), labels.0.clone());
    let bad = |file: &str, found: String, expected: String| IdxError::Content {
        file: file.to_owned(),
        found,
        expected,
    };
    let ([count, height, width], pixels) = values(images)?;
    if (height, width) != (SIDE, SIDE) {
        let found = format!("images of {height}×{width} pixels");
        return Err(bad(&image_file, found, format!("{SIDE}×{SIDE}")));
    }
    let ([labelled], digits) = values(labels)?;
    if labelled != count {
        return Err(bad(&label_file, format!("{labelled} labels"), format!("{count}, one for each image")));
    }
    if let Some(k) = digits.iter().position(|&digit| usize::from(digit) >= DIGITS) {
        let found = format!("label {} of image {}", digits[k], k + 1);
        return Err(bad(&label_file, found, format!("a digit below {DIGITS}")));
    }
    let x = Array2::from_shape_fn((count, PIXELS), |(k, j)| f32::from(pixels[k * PIXELS + j]) / 255.0);
    let y = Array2::from_shape_fn((count, DIGITS), |(k, j)| f32::from(usize::from(digits[k]) == j));
    Ok(Rows { x, y })
}

/// The sizes and values of a compressed file of N sizes. What it declares is held against [`LIMIT`], and memory grows
/// with what is really there.
fn values<const N: usize>((file, bytes): (String, impl Read)) -> Result<([usize; N], Vec<u8>), IdxError> {
    let io = |source| IdxError::Io { file: file.clone(), source };
    let content = |found: String, expected: String| IdxError::Content { file: file.clone(), found, expected };
    let mut stream = MultiGzDecoder::new(bytes);
    let mut number = || {
        let mut four = [0; 4];
        stream.read_exact(&mut four).map(|()| u32::from_be_bytes(four)).map_err(io)
    };
    let magic = number()?;
    let wanted = MAGIC_OF_BYTES + N as u32;
    if magic != wanted {
        return Err(content(format!("the magic number {magic:#010x}"), format!("{wanted:#010x}")));
    }
    let mut sizes = [0; N];
    for size in &mut sizes {
        *size = number()? as usize;
    }
    let words = sizes.map(|size| size.to_string()).join("×");
    let declared = sizes.iter().try_fold(1, |product: usize, &size| product.checked_mul(size));
    let Some(declared) = declared.filter(|declared| (1..=LIMIT).contains(declared)) else {
        return Err(content(format!("a size of {words}"), format!("1 to {LIMIT} bytes")));
    };
    let mut values = Vec::new();
    stream.take(declared as u64 + 1).read_to_end(&mut values).map_err(io)?;
    if values.len() == declared {
        return Ok((sizes, values));
    }
    let found = if values.len() < declared { values.len().to_string() } else { "more".into() };
    Err(content(format!("{found} bytes"), format!("{words} = {declared}, as the header says")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn compressed(bytes: &[u8]) -> Vec<u8> {
        let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
        gz.write_all(bytes).unwrap();
        gz.finish().unwrap()
    }

    fn idx(magic: u32, sizes: &[u32], values: &[u8]) -> Vec<u8> {
        let numbers = std::iter::once(&magic).chain(sizes).flat_map(|n| n.to_be_bytes());
        numbers.chain(values.iter().copied()).collect()
    }

    /// Two images, all black and all white.
    fn images() -> Vec<u8> {
        let values = [[0; PIXELS], [255; PIXELS]].concat();
        idx(0x803, &[2, 28, 28], &values)
    }

    fn parsed(images: &[u8], labels: &[u8]) -> Result<Rows, IdxError> {
        let (images, labels) = (compressed(images), compressed(labels));
        rows(("images".into(), images.as_slice()), ("labels".into(), labels.as_slice()))
    }

    fn message(images: &[u8], labels: &[u8]) -> String {
        parsed(images, labels).unwrap_err().to_string()
    }

    #[test]
    fn pixels_go_from_0_to_1_and_labels_to_their_column() {
        let rows = parsed(&images(), &idx(0x801, &[2], &[0, 9])).unwrap();
        assert_eq!((rows.x.dim(), rows.y.dim()), ((2, PIXELS), (2, DIGITS)));
        assert!(rows.x.row(0).iter().all(|&x| x == 0.0) && rows.x.row(1).iter().all(|&x| x == 1.0));
        assert!(rows.y.sum() == 2.0 && rows.y[[0, 0]] == 1.0 && rows.y[[1, 9]] == 1.0);
    }

    #[test]
    fn other_kinds_of_file_are_refused() {
        let wanted = "labels: found the magic number 0x00000803, expected 0x00000801";
        assert_eq!(message(&images(), &images()), wanted);
        let floats = idx(0xd03, &[2, 28, 28], &[0; 2 * 4 * PIXELS]);
        let wanted = "images: found the magic number 0x00000d03, expected 0x00000803";
        assert_eq!(message(&floats, &[]), wanted);
        let wanted = "images: found images of 32×32 pixels, expected 28×28";
        assert_eq!(message(&idx(0x803, &[1, 32, 32], &[0; 1024]), &[]), wanted);
        let rows = rows(("images".into(), images().as_slice()), ("labels".into(), io::empty()));
        assert_eq!(rows.unwrap_err().to_string(), "cannot read images: invalid gzip header");
    }

    #[test]
    fn sizes_that_lie_are_found_before_memory_is_asked_for() {
        let wanted = "images: found a size of 4294967295×28×28, expected 1 to 268435456 bytes";
        assert_eq!(message(&idx(0x803, &[u32::MAX, 28, 28], &[0; PIXELS]), &[]), wanted);
        let most = [u32::MAX; 3];
        assert!(message(&idx(0x803, &most, &[]), &[]).ends_with("expected 1 to 268435456 bytes"));
        assert!(message(&idx(0x803, &[0, 28, 28], &[]), &[]).starts_with("images: found a size of 0×28×28"));
        let wanted = "images: found 784 bytes, expected 300000×28×28 = 235200000, as the header says";
        assert_eq!(message(&idx(0x803, &[300_000, 28, 28], &[0; PIXELS]), &[]), wanted);
        let wanted = "images: found more bytes, expected 1×28×28 = 784, as the header says";
        assert_eq!(message(&idx(0x803, &[1, 28, 28], &[0; PIXELS + 1]), &[]), wanted);
    }

    #[test]
    fn labels_belong_to_images() {
        let wanted = "labels: found 1 labels, expected 2, one for each image";
        assert_eq!(message(&images(), &idx(0x801, &[1], &[0])), wanted);
        let wanted = "labels: found label 10 of image 2, expected a digit below 10";
        assert_eq!(message(&images(), &idx(0x801, &[2], &[0, 10])), wanted);
    }

    #[test]
    fn a_file_cut_short_is_an_error_wherever_it_ends() {
        let (images, labels) = (compressed(&images()), compressed(&idx(0x801, &[2], &[0, 9])));
        let cut = |images: &[u8], labels: &[u8]| rows(("i".into(), images), ("l".into(), labels));
        assert!(cut(&images, &labels).is_ok());
        assert!((0..images.len()).all(|end| cut(&images[..end], &labels).is_err()));
        assert!((0..labels.len()).all(|end| cut(&images, &labels[..end]).is_err()));
    }
}
