//! Finds custom sections of a WebAssembly module.

/// The contents of the first custom section with this name. `None` also when the bytes are no module, or
/// damaged before it: whoever translates the module will say so.
pub(crate) fn custom<'a>(module: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut rest = module.strip_prefix(PREAMBLE)?;
    while let Some((&id, after)) = rest.split_first() {
        let (section, after) = sized(after)?;
        if id == CUSTOM {
            let (found, contents) = sized(section)?;
            if found == name.as_bytes() {
                return Some(contents);
            }
        }
        rest = after;
    }
    None
}

/// A length, and what it is the length of, and what follows.
fn sized(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0_usize;
    for (at, &byte) in bytes.iter().enumerate().take(5) {
        // Unsigned LEB128 of 32 bits: the fifth byte has four of them.
        if at == 4 && byte > 0x0f {
            return None;
        }
        length |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return bytes.get(at + 1..)?.split_at_checked(length);
        }
    }
    None
}

/// The magic number and the version of the binary format.
const PREAMBLE: &[u8] = b"\0asm\x01\0\0\0";

const CUSTOM: u8 = 0;

#[cfg(test)]
mod tests {
    use super::custom;

    fn module(sections: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = super::PREAMBLE.to_vec();
        for (id, contents) in sections {
            bytes.extend([*id, contents.len() as u8]);
            bytes.extend(*contents);
        }
        bytes
    }

    #[test]
    fn the_section_of_the_name_is_found_among_others() {
        let module = module(&[
            (1, &[0]),
            (0, b"\x03oneX"),
            (0, b"\x03twoYZ"),
            (0, b"\x03twoQ"),
        ]);
        assert_eq!(custom(&module, "one"), Some(&b"X"[..]));
        assert_eq!(custom(&module, "two"), Some(&b"YZ"[..]));
        assert_eq!(custom(&module, "three"), None);
        assert_eq!(custom(&module[..module.len() - 9], "two"), None);
    }

    #[test]
    fn what_is_no_module_has_none() {
        for bytes in [
            &b""[..],
            b"\0asm",
            b"\0asm\x01\0\0\0",
            b"\0asm\x01\0\0\0\0",
            b"\0asm\x01\0\0\0\0\xff\xff\xff\xff\xff",
            b"\0asm\x01\0\0\0\0\xff\xff\xff\xff\x0f\x01a",
            b"\0asm\x01\0\0\0\0\x02\x05a",
        ] {
            assert_eq!(custom(bytes, "a"), None);
        }
    }
}
