//! The model file: round trips, damage, lies, and writing it.

mod common;

use common::{bits, set, trained};
use retrograde_model::{Dtype, FORMAT, FitSettings, Model, ModelError};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Remembers the largest single allocation asked for.
struct Largest;

static LARGEST: AtomicUsize = AtomicUsize::new(0);

#[allow(unsafe_code, reason = "an allocator cannot be counted otherwise")]
// SAFETY: every call is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Largest {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Largest = Largest;

fn model(name: &str, dtype: Dtype) -> Model {
    let (table, mut settings) = set(name);
    settings.train.epochs = Some(3);
    settings.hidden = vec![5, 4].into();
    trained(&table, &FitSettings { dtype, ..settings }).model
}

/// The same in everything that is stored.
fn same(a: &Model, b: &Model) {
    assert_eq!(a.to_bytes().expect("bytes"), b.to_bytes().expect("bytes"));
    assert_eq!((a.encoder(), a.weights(), a.history()), (b.encoder(), b.weights(), b.history()));
    assert_eq!(a.inspect(), b.inspect());
}

#[test]
fn a_model_comes_back_bit_by_bit() {
    for name in ["@iris", "@moons", "@sine", "@mazur"] {
        for dtype in [Dtype::F32, Dtype::F64] {
            let model = model(name, dtype);
            let again = Model::from_bytes("m.rg", &model.to_bytes().expect("bytes")).expect(name);
            same(&model, &again);
            let (table, _) = set(name);
            let (old, new) = (model.predict(&table).expect("old"), again.predict(&table).expect("new"));
            assert_eq!(bits(&old), bits(&new));
        }
    }
}

#[test]
fn the_container_opens_as_safetensors() {
    let model = model("@iris", Dtype::F32);
    let bytes = model.to_bytes().expect("bytes");
    let tensors = safetensors::SafeTensors::deserialize(&bytes).expect("a safetensors file");
    let weight = tensors.tensor("L1.weight").expect("L1.weight");
    assert_eq!((weight.shape(), weight.dtype()), (&[5, 4][..], safetensors::Dtype::F32));
    let first = f32::from_le_bytes(*weight.data().first_chunk().expect("a number"));
    assert_eq!(f64::from(first), model.params_f64().values()[0]);
    assert_eq!(tensors.len(), 6);
}

#[test]
fn cut_off_files_are_refused() {
    let bytes = model("@iris", Dtype::F32).to_bytes().expect("bytes");
    for k in 0..1000 {
        let length = k * bytes.len() / 1000;
        let error = Model::from_bytes("m.rg", &bytes[..length]).expect_err("a part");
        assert!(error.is_model_file(), "{length}: {error}");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(matches!(Model::from_bytes("m.rg", &longer), Err(ModelError::Damaged { .. })));
}

#[test]
fn flipped_bits_are_noticed_or_change_nothing() {
    let model = model("@iris", Dtype::F32);
    let bytes = model.to_bytes().expect("bytes");
    let (mut state, mut refused) = (1u64, 0);
    for _ in 0..1000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let place = (state >> 33) as usize % (bytes.len() * 8);
        let mut flipped = bytes.clone();
        flipped[place / 8] ^= 1 << (place % 8);
        match Model::from_bytes("m.rg", &flipped) {
            Ok(read) => same(&model, &read),
            Err(error) => {
                assert!(error.is_model_file(), "bit {place}: {error}");
                refused += 1;
            }
        }
    }
    assert!(refused > 950, "{refused}");
}

/// A file with this header and these bytes of data.
fn file(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
}

/// Header and data of a model's file.
fn parts(bytes: &[u8]) -> (String, Vec<u8>) {
    let length = u64::from_le_bytes(*bytes.first_chunk().expect("a length")) as usize;
    (String::from_utf8(bytes[8..8 + length].to_vec()).expect("text"), bytes[8 + length..].to_vec())
}

#[test]
fn other_files_are_told_from_damaged_ones() {
    let read = |bytes: &[u8]| Model::from_bytes("x", bytes).expect_err("no model");
    for bytes in [&b""[..], b"age,sex\n20,male\n", b"PK\x03\x04aaaaaaaaaaaaa", &[0xff; 64], &[0; 64]] {
        assert!(matches!(read(bytes), ModelError::File { .. }), "{bytes:?}");
    }
    let foreign = file(r#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, &[0; 4]);
    assert_eq!(
        read(&foreign).to_string(),
        "x is not a retrograde model: a safetensors file without retrograde's metadata"
    );
    let (header, data) = parts(&model("@moons", Dtype::F64).to_bytes().expect("bytes"));
    let newer = file(&header.replace(r#"\"format\":1"#, r#"\"format\":2"#), &data);
    let error = read(&newer);
    assert!(matches!(error, ModelError::Newer { found: 2, supported: FORMAT, .. }), "{error}");
    assert_eq!(error.to_string(), "x is in model format 2; this version reads formats up to 1");
}

#[test]
fn lies_about_sizes_allocate_nothing() {
    let original = model("@moons", Dtype::F32).to_bytes().expect("bytes");
    let (header, data) = parts(&original);
    let mut lies: Vec<Vec<u8>> = vec![
        [&(60u64 << 20).to_le_bytes()[..], b"{", &[b' '; 100]].concat(),
        [&u64::MAX.to_le_bytes()[..], b"{", &[b' '; 100]].concat(),
        file(&header.replace("\"shape\":[5,2]", "\"shape\":[1000000000,2000000000]"), &data),
        file(&header.replace("\"data_offsets\":[0,", "\"data_offsets\":[18446744073709551615,"), &data),
        file(&header.replace("\"data_offsets\":[0,", "\"data_offsets\":[9,"), &data),
        file(&header.replace(r#"\"sizes\":[2,5"#, r#"\"sizes\":[2,50000000"#), &data),
    ];
    // Eight tensors of 2^61 bytes each end just below 2^64.
    let huge = |i: u64| {
        let (start, end) = (i << 61, if i == 7 { u64::MAX - 7 } else { (i + 1) << 61 });
        format!(r#""t{i}":{{"dtype":"U8","shape":[{}],"data_offsets":[{start},{end}]}}"#, end - start)
    };
    let tensors: Vec<String> = (0..8).map(huge).collect();
    lies.push(file(&format!("{{{}}}", tensors.join(",")), &[]));
    let nested = "[".repeat(100_000);
    lies.push(file(&format!(r#"{{"__metadata__":{{"retrograde":"{nested}"}}}}"#), &[]));
    lies.push(file(&format!(r#"{{"x":{nested}"#), &[]));
    for (i, bytes) in lies.iter().enumerate() {
        assert_ne!(*bytes, original, "lie {i} is none");
        LARGEST.store(0, Ordering::Relaxed);
        assert!(Model::from_bytes("x", bytes).expect_err("a lie").is_model_file(), "lie {i}");
        // Other tests run beside this one, with models of a few kilobytes.
        assert!(LARGEST.load(Ordering::Relaxed) < 4 << 20, "lie {i}");
    }
}

/// FNV-1a as documented, to forge files that are consistent.
fn fnv(bytes: &[u8]) -> String {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", bytes.iter().fold(0xcbf2_9ce4_8422_2325, step))
}

/// The file with its description changed and its checksum made right again.
fn forged(bytes: &[u8], data: &[u8], change: &dyn Fn(&mut serde_json::Value)) -> Vec<u8> {
    let (header, _) = parts(bytes);
    let mut header: serde_json::Value = serde_json::from_str(&header).expect("a header");
    let text = header["__metadata__"]["retrograde"].as_str().expect("a text").to_owned();
    let envelope: serde_json::Value = serde_json::from_str(&text).expect("an envelope");
    let mut model = envelope["model"].clone();
    change(&mut model);
    let model = model.to_string();
    let checksum = fnv(model.as_bytes());
    header["__metadata__"]["retrograde"] =
        format!(r#"{{"format":1,"checksum":"{checksum}","model":{model}}}"#).into();
    file(&header.to_string(), data)
}

/// A change of a model's description.
type Change = fn(&mut serde_json::Value);

#[test]
fn consistent_files_with_impossible_contents_are_refused() {
    let bytes = model("@moons", Dtype::F32).to_bytes().expect("bytes");
    let (_, data) = parts(&bytes);
    let read = |bytes: &[u8]| Model::from_bytes("x", bytes);
    read(&forged(&bytes, &data, &|_| ())).expect("an unchanged model");
    let changes: [(&str, Change); 7] = [
        ("inputs", |m| drop(m["encoder"]["inputs"].as_array_mut().expect("a list").pop())),
        ("scale", |m| m["encoder"]["inputs"][0]["scale"] = 0.into()),
        ("classes", |m| m["encoder"]["target"]["classes"] = serde_json::json!(["a", "b", "c"])),
        ("best_epoch", |m| m["best_epoch"] = 99.into()),
        ("sizes", |m| m["network"]["sizes"] = serde_json::json!([2, 0, 4, 1])),
        ("lambda", |m| m["settings"]["regularisation"]["lambda"] = (-1).into()),
        ("loss", |m| m["network"]["loss"] = "poisson".into()),
    ];
    for (what, change) in changes {
        let error = read(&forged(&bytes, &data, &change)).expect_err(what);
        assert!(matches!(error, ModelError::Damaged { .. }), "{what}: {error}");
    }
    // A weight that is NaN, with a right checksum. The first bias lies first; in flat order it comes after L1.weight.
    let mut spoiled = data.clone();
    spoiled[..4].copy_from_slice(&f32::NAN.to_le_bytes());
    let original = Model::from_bytes("x", &bytes).expect("the model").params_f64();
    let mut flat: Vec<u8> = original.values().iter().flat_map(|&w| (w as f32).to_le_bytes()).collect();
    let bias = original.network().layer(0).bias.start * 4;
    flat[bias..bias + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    let checksum = fnv(&flat);
    let error =
        read(&forged(&bytes, &spoiled, &|m| m["tensors"] = checksum.clone().into())).expect_err("NaN");
    assert_eq!(
        error.to_string(),
        "x is a damaged model file: the weight L1[1,0] is NaN, expected a finite number"
    );
}

#[test]
fn saving_replaces_the_whole_file_or_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("m.rg");
    let (first, second) = (model("@iris", Dtype::F32), model("@moons", Dtype::F64));
    first.save(&path).expect("saved");
    second.save(&path).expect("saved over");
    same(&second, &Model::load(&path).expect("loaded"));
    assert_eq!(std::fs::read_dir(folder.path()).expect("a listing").count(), 1, "nothing is left beside it");

    let nowhere = folder.path().join("none").join("m.rg");
    let error = first.save(&nowhere).expect_err("no folder");
    assert!(matches!(error, ModelError::Io { action: "write", .. }), "{error}");
    assert!(!folder.path().join("none").exists());
    assert!(first.save(folder.path()).is_err(), "a folder is no file");
    let below = path.join("m.rg");
    assert!(first.save(&below).is_err(), "a file is no folder");
    same(&second, &Model::load(&path).expect("as it was"));
    assert!(matches!(Model::load(&nowhere), Err(ModelError::Io { action: "read", .. })));
}

#[cfg(unix)]
#[test]
fn links_permissions_and_devices_are_respected() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().expect("a folder");
    let (real, link) = (folder.path().join("real.rg"), folder.path().join("link.rg"));
    let model = model("@iris", Dtype::F32);
    model.save(&real).expect("saved");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).expect("permissions");
    symlink(&real, &link).expect("a link");
    model.save(&link).expect("saved through the link");
    assert!(std::fs::symlink_metadata(&link).expect("the link").is_symlink());
    assert_eq!(std::fs::metadata(&real).expect("the file").permissions().mode() & 0o777, 0o640);
    model.save(std::path::Path::new("/dev/null")).expect("a device takes it");
    assert!(!std::fs::metadata("/dev/null").expect("the device").is_file());
}

/// A training long enough that its layers were looked at.
fn looked_at() -> Model {
    let (table, mut settings) = set("@digits");
    settings.train.epochs = Some(30);
    settings.hidden = vec![20, 10].into();
    trained(&table, &settings).model
}

#[test]
fn what_was_seen_of_the_layers_comes_back() {
    let model = looked_at();
    let seen: Vec<usize> = model.history().iter().filter(|r| !r.layers.is_empty()).map(|r| r.epoch).collect();
    assert!(seen.len() > 2 && model.history()[seen[0] - 1].layers.len() == 3, "{seen:?}");
    let bytes = model.to_bytes().expect("bytes");
    same(&model, &Model::from_bytes("m.rg", &bytes).expect("the model"));
    // As older versions wrote it: nothing was seen, and everything else is there.
    let (_, data) = parts(&bytes);
    let old = forged(&bytes, &data, &|m| drop(m.as_object_mut().expect("an object").remove("layers")));
    let old = Model::from_bytes("m.rg", &old).expect("a model of an older version");
    assert!(old.history().iter().all(|record| record.layers.is_empty()));
    assert_eq!((old.weights(), old.history().len()), (model.weights(), model.history().len()));
    assert!(!String::from_utf8_lossy(&old.to_bytes().expect("bytes")).contains("\\\"layers\\\""));
}

#[test]
fn layers_that_cannot_have_been_seen_are_refused() {
    let bytes = looked_at().to_bytes().expect("bytes");
    let (_, data) = parts(&bytes);
    let changes: [Change; 9] = [
        |m| m["layers"][0][0] = 0.into(),
        |m| m["layers"][0][0] = 31.into(),
        |m| m["layers"][1][0] = m["layers"][0][0].clone(),
        |m| m["layers"][0][1] = serde_json::json!([]),
        |m| drop(m["layers"][0][1].as_array_mut().expect("layers").pop()),
        |m| m["layers"][0][1][0][0] = serde_json::json!([0.1, 0.3, 0.2]),
        |m| m["layers"][0][1][0][1] = serde_json::json!([-0.1, 0.3, 0.4]),
        |m| m["layers"][0][1][0][2] = 1.5.into(),
        |m| m["layers"][0][1][0][0] = serde_json::json!([0.1, 0.3]),
    ];
    for (i, change) in changes.iter().enumerate() {
        let error = Model::from_bytes("x", &forged(&bytes, &data, change)).expect_err("a lie");
        assert!(matches!(error, ModelError::Damaged { .. }), "{i}: {error}");
    }
}
