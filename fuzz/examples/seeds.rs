//! Writes files to begin with into `corpus/TARGET`: what the tests have, and small texts and models.
//!
//! `cargo run --manifest-path fuzz/Cargo.toml --example seeds`

#[cfg(feature = "models")]
#[path = "seeds/models.rs"]
mod models;

use retrograde_fuzz::sealed;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

type Done = Result<(), Box<dyn std::error::Error>>;

/// Texts for the two bytes of options that come before them.
const TEXTS: [&str; 16] = [
    "a,b,c\n1,2.5,x\n3,,y\nNA,-1e3,\"z \"\"q\"\"\"\n",
    "x;y\r\n1,5;31/12/2013 5:15 PM\r\n2,25;01/02/2014 12:00 AM\r\n",
    "c0\tc1\n1.234,5\t2013-01-31T12:30:00Z\n7\t2014-02-01 01:02:03.5+01:00\n",
    "# written by hand\n# a b c\n1 2 3\n4 5 6\n",
    "n|m\n1,234|12%\n5,678,901|50 %\n",
    "'a','b'\n'1','x y'\n'2','it''s'\n",
    "price,date\n$5,31.12.2013\n$1.50,1.1.2014\n",
    "\u{feff}name,age\né,18446744073709551615\nü,9007199254740993\n",
    "\"two\nlines\",x\n\"a\r\nb\",1\n\n\n\"\",2\n",
    ",x,y\n0,1,true\n1,2,false\n2,inf,?\n",
    "1.5,2\r2.5,.\r-0,nan\r",
    "a,b\n1,2\n3\n",
    "a,a\n1,2\n",
    "d\n2013-06-01\n2013-06-02T24:00:00\n0001-01-01\n9999-12-31T23:59:59.999999\n",
    "5 €,£3\n6 €,£4\n",
    "a  b   c\n1  2   3\n10 20  30\n",
];

/// What svmlight has.
const SPARSE: [&str; 4] = [
    "+1 1:0.5 3:-2e3 # a note\n-1 2:1\n",
    "1,3 qid:4 0:1 7:nan\n2 qid:4 1:inf\n",
    "3 qid:1 1:1 1:2\n",
    "0.5 300:1\n1\n",
];

fn corpus(target: &str, name: &str, bytes: &[u8]) -> Done {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    std::fs::create_dir_all(&folder)?;
    Ok(std::fs::write(folder.join(name), bytes)?)
}

/// The files of a folder of fixtures: name, content.
fn fixtures(folder: &str) -> Result<Vec<(String, Vec<u8>)>, std::io::Error> {
    let root: PathBuf =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/retrograde-data/tests/fixtures");
    let files = std::fs::read_dir(root.join(folder))?.map(|entry| {
        let path = entry?.path();
        Ok((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), std::fs::read(path)?))
    });
    files.collect()
}

fn main() -> Done {
    texts()?;
    arrays()?;
    containers()?;
    columns()?;
    #[cfg(feature = "models")]
    models::write()?;
    Ok(())
}

fn texts() -> Done {
    for (k, text) in TEXTS.iter().enumerate() {
        corpus("csv", &format!("sniffed_{k}"), &[&[0, 0], text.as_bytes()].concat())?;
        corpus("csv", &format!("given_{k}"), &[&[(k * 37) as u8, (k * 91) as u8], text.as_bytes()].concat())?;
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        corpus("csv", &format!("utf16_{k}"), &[&[0, 0, 0xff, 0xfe], &utf16[..]].concat())?;
    }
    for (k, text) in SPARSE.iter().enumerate() {
        corpus("svmlight", &format!("text_{k}"), text.as_bytes())?;
    }
    for (folder, target) in [("svmlight", "svmlight"), ("arff", "arff")] {
        for (name, bytes) in fixtures(folder)?.iter().filter(|(name, _)| !name.ends_with(".py")) {
            corpus(target, name, bytes)?;
        }
    }
    Ok(())
}

fn arrays() -> Done {
    for kind in [8_u8, 9, 11, 12, 13, 14] {
        for sizes in [&[3_u32][..], &[2, 2], &[2, 2, 2], &[1, 3, 1, 2]] {
            let mut file = vec![kind, sizes.len() as u8];
            file.extend(sizes.iter().flat_map(|n| n.to_be_bytes()));
            let size = [1, 1, 0, 2, 4, 4, 8][usize::from(kind - 8)];
            file.extend((0..sizes.iter().product::<u32>() * size).map(|n| n as u8));
            corpus("idx", &format!("{kind}_{}", sizes.len()), &file)?;
        }
    }
    for (name, bytes) in fixtures("mat")? {
        corpus("mat", &name, &bytes)?;
    }
    for (name, bytes) in fixtures("npy")? {
        if name.ends_with(".npy") {
            corpus("npy", &name, &bytes)?;
            if let Some(part) = sealed::part("x.npy", &bytes) {
                corpus("npz", &name, &part)?;
            }
        } else if name.ends_with(".npz") {
            corpus("zip", &name, &bytes)?;
            corpus("npz", &name, &parts(&bytes)?)?;
        }
    }
    Ok(())
}

/// The files of an archive as the target `npz` takes them.
fn parts(archive: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(archive))?;
    let mut all = Vec::new();
    for index in 0..zip.len() {
        let mut member = zip.by_index(index)?;
        let (name, mut content) = (member.name().to_owned(), Vec::new());
        member.read_to_end(&mut content)?;
        all.extend(
            sealed::part(&name, &content).or_else(|| sealed::part("y.npy", &content)).unwrap_or_default(),
        );
    }
    Ok(all)
}

/// Files of columns.
fn columns() -> Done {
    for (name, bytes) in fixtures("columnar")? {
        if let Some(parts) = sealed::unframed(&bytes, b"PAR1", b"PAR1") {
            corpus("parquet", &name, &parts)?;
        } else if let Some(parts) = sealed::unframed(&bytes, b"ARROW1\0\0", b"ARROW1") {
            corpus("arrow_ipc", &name, &[&[1], &parts[..]].concat())?;
        } else if let Some(rest) = bytes.strip_prefix(&[0xff; 4]) {
            corpus("arrow_ipc", &name, &[&[0], rest].concat())?;
        }
    }
    Ok(())
}

fn containers() -> Done {
    for (name, bytes) in fixtures("containers")? {
        if name.ends_with(".gz") {
            corpus("compressed", &name, &[&[0], &bytes[3..]].concat())?;
        } else if name.ends_with(".zst") {
            corpus("compressed", &name, &[&[1], &bytes[4..]].concat())?;
        } else if !name.ends_with(".py") && bytes.len() < 10_000 {
            corpus("zip", &name, &bytes)?;
            corpus("compressed", &name, &[&[2], &bytes[..]].concat())?;
        }
    }
    for level in [1, 19] {
        for text in [TEXTS[0].to_owned(), "1,2\n".repeat(200), "1,2\n".repeat(20_000)] {
            let packed = zstd::encode_all(text.as_bytes(), level)?;
            let name = format!("zst_{level}_{}", text.len());
            corpus("compressed", &name, &[&[5], &packed[4..]].concat())?;
            let two = [&[6][..], &packed, &packed].concat();
            corpus("compressed", &format!("{name}_twice"), &two)?;
            let mut gzip =
                flate2::read::GzEncoder::new(text.as_bytes(), flate2::Compression::new(level as u32 % 10));
            let mut packed = Vec::new();
            gzip.read_to_end(&mut packed)?;
            corpus("compressed", &format!("gz_{level}_{}", text.len()), &[&[4], &packed[3..]].concat())?;
        }
    }
    let two = [("a.csv", TEXTS[0]), ("b.csv", TEXTS[0])];
    let both: Vec<u8> =
        two.iter().flat_map(|(name, text)| sealed::part(name, text.as_bytes())).flatten().collect();
    corpus("npz", "texts", &both)
}
