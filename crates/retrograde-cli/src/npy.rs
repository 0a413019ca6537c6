//! NumPy's `.npy` for one vector of f64: what `numpy.save` writes and `numpy.load` reads.
//!
//! Format 1.0 (numpy.lib.format): magic, version, header length as little-endian u16, a Python dictionary in ASCII
//! padded with blanks and a line feed to a multiple of 64 bytes, then the numbers.

const MAGIC: &[u8] = b"\x93NUMPY";
/// Magic, two bytes of version, two of header length.
const PREFIX: usize = 10;

/// The bytes of a file that holds `values`.
pub(crate) fn write(values: &[f64]) -> Vec<u8> {
    let mut header =
        format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({},), }}", values.len()).into_bytes();
    while !(PREFIX + header.len() + 1).is_multiple_of(64) {
        header.push(b' ');
    }
    header.push(b'\n');
    let mut bytes = MAGIC.to_vec();
    bytes.extend([1, 0]);
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header);
    bytes.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    bytes
}

/// Whether the bytes begin as a `.npy` file does.
pub(crate) fn is_npy(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The numbers of a one-dimensional array of little-endian f64 or f32, or in words what was found instead.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<f64>, String> {
    let (header, body) = split(bytes).ok_or("a .npy file that ends in its header")?;
    let descr = field(&header, "'descr':").ok_or("a .npy header without 'descr'")?;
    let shape = field(&header, "'shape':").ok_or("a .npy header without 'shape'")?;
    let count = one_dimension(shape).ok_or_else(|| format!("an array of shape {}", parenthesis(shape)))?;
    let values: Vec<f64> = match descr.split('\'').nth(1) {
        Some("<f8" | "|f8" | "=f8") => exact(body, f64::from_le_bytes),
        Some("<f4" | "=f4") => exact(body, |b| f64::from(f32::from_le_bytes(b))),
        other => return Err(format!("an array of {}", other.unwrap_or("records"))),
    };
    let rest = body.len() % if descr.contains("f4") { 4 } else { 8 };
    if rest != 0 {
        return Err(format!("a .npy file with {rest} bytes behind its last number"));
    }
    if values.len() != count {
        return Err(format!("a .npy file of {count} numbers with {} in it", values.len()));
    }
    Ok(values)
}

/// Header text and data.
fn split(bytes: &[u8]) -> Option<(String, &[u8])> {
    let version = *bytes.get(MAGIC.len())?;
    let (start, length) = if version == 1 {
        (PREFIX, usize::from(u16::from_le_bytes([*bytes.get(8)?, *bytes.get(9)?])))
    } else {
        let length = bytes.get(8..12)?;
        (12, u32::from_le_bytes([length[0], length[1], length[2], length[3]]) as usize)
    };
    let end = start.checked_add(length)?;
    let header = bytes.get(start..end)?;
    Some((String::from_utf8_lossy(header).into_owned(), &bytes[end..]))
}

fn field<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    header.find(key).map(|at| header[at + key.len()..].trim_start())
}

/// The text up to its closing parenthesis.
fn parenthesis(shape: &str) -> &str {
    shape.find(')').map_or(shape, |end| &shape[..=end])
}

/// n of `(n,)`; of `(n, 1)` and `(1, n)` too, which is what programs with matrices only write.
fn one_dimension(shape: &str) -> Option<usize> {
    let inside = parenthesis(shape).strip_prefix('(')?.strip_suffix(')')?;
    let sizes: Result<Vec<usize>, _> =
        inside.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::parse).collect();
    match sizes.ok()?.as_slice() {
        [n] | [n, 1] | [1, n] => Some(*n),
        _ => None,
    }
}

fn exact<const N: usize>(body: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    body.chunks_exact(N).filter_map(|chunk| chunk.try_into().ok().map(&number)).collect()
}

#[cfg(test)]
mod tests {
    use super::{is_npy, read, write};

    #[test]
    fn what_is_written_is_read_back_to_the_bit() {
        for values in [vec![], vec![0.1, -0.0, 1e-310, f64::MAX], vec![1.0; 1000]] {
            let bytes = write(&values);
            assert!(is_npy(&bytes));
            assert_eq!((bytes.len() - 8 * values.len()) % 64, 0);
            let back = read(&bytes).expect("readable");
            assert!(back.iter().zip(&values).all(|(a, b)| a.to_bits() == b.to_bits()));
            assert_eq!(back.len(), values.len());
        }
    }

    #[test]
    fn what_numpy_writes_is_read() {
        // numpy.save of numpy.array([1.5, -2.0], dtype="<f4"), with its padding shortened.
        let mut bytes = b"\x93NUMPY\x01\x00\x3c\x00".to_vec();
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }";
        bytes.extend(format!("{header:<59}\n").into_bytes());
        bytes.extend(1.5f32.to_le_bytes());
        bytes.extend((-2f32).to_le_bytes());
        assert_eq!(read(&bytes), Ok(vec![1.5, -2.0]));
    }

    #[test]
    fn other_arrays_are_named() {
        let text = |header: &str| {
            let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
            bytes.extend((header.len() as u16).to_le_bytes());
            bytes.extend(header.as_bytes());
            read(&bytes).unwrap_err()
        };
        assert_eq!(text("{'descr': '<i8', 'shape': (0,), }"), "an array of <i8");
        assert_eq!(text("{'descr': '<f8', 'shape': (2, 3), }"), "an array of shape (2, 3)");
        assert_eq!(text("{'descr': '<f8', 'shape': (2,), }"), "a .npy file of 2 numbers with 0 in it");
        assert_eq!(read(b"\x93NUMPY\x01").unwrap_err(), "a .npy file that ends in its header");
    }
}
