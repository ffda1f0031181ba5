//! Looks into the boxes of an MP4 or MOV file and changes them, so that a test has inputs that no encoder made.

/// Where the box at the end of a path of types is, as its offset and size. Of several the first counts.
fn find(bytes: &[u8], path: &[&str]) -> Option<Vec<(usize, usize)>> {
    let (mut from, mut to) = (0, bytes.len());
    let mut found = Vec::new();
    for (depth, name) in path.iter().enumerate() {
        let mut at = from;
        loop {
            if at + 8 > to {
                return None;
            }
            let size = u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
            let size = size as usize;
            assert!(size >= 8 && at + size <= to, "a sane box at {at}");
            if &bytes[at + 4..at + 8] == name.as_bytes() {
                found.push((at, size));
                // What stands between the header of a box and its children.
                let own = match *name {
                    "stsd" => 8,
                    _ if depth > 0 && path[depth - 1] == "stsd" => 78,
                    _ => 0,
                };
                (from, to) = (at + 8 + own, at + size);
                break;
            }
            at += size;
        }
    }
    Some(found)
}

/// The path to a box of the only track's sample description.
pub(crate) const fn in_entry<'a>(entry: &'a str, name: &'a str) -> [&'a str; 8] {
    ["moov", "trak", "mdia", "minf", "stbl", "stsd", entry, name]
}

/// What is in the box at the end of the path, without its header.
pub(crate) fn contents<'a>(bytes: &'a [u8], path: &[&str]) -> Option<&'a [u8]> {
    let (at, size) = *find(bytes, path)?.last()?;
    Some(&bytes[at + 8..at + size])
}

/// The same, to be written over.
#[track_caller]
pub(crate) fn contents_mut<'a>(bytes: &'a mut [u8], path: &[&str]) -> &'a mut [u8] {
    let found = find(bytes, path).unwrap_or_else(|| panic!("no box {path:?}"));
    let (at, size) = found[path.len() - 1];
    &mut bytes[at + 8..at + size]
}

/// Puts boxes into that at the end of the path, behind what it has. Its index must come after the media.
#[track_caller]
pub(crate) fn append(bytes: &mut Vec<u8>, path: &[&str], boxes: &[(&str, &[u8])]) {
    let found = find(bytes, path).unwrap_or_else(|| panic!("no box {path:?}"));
    let mut new = Vec::new();
    for (name, data) in boxes {
        new.extend((data.len() as u32 + 8).to_be_bytes());
        new.extend(name.as_bytes());
        new.extend(*data);
    }
    for (at, size) in &found {
        bytes[*at..at + 4].copy_from_slice(&((size + new.len()) as u32).to_be_bytes());
    }
    let (at, size) = found[path.len() - 1];
    let media = find(bytes, &["mdat"]).expect("a file with media");
    assert!(media[0].0 < at, "offsets into the media would be wrong");
    bytes.splice(at + size..at + size, new);
}
