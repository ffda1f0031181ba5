//! The headers by which libvpx calls its functions, made from the tables that its Perl script makes them from: without
//! assembly each name stands for the function in C.
//!
//! The tables' conditions are not looked at: a declaration of what is not built harms nobody. Where a condition gives a
//! function one of two declarations, the first is for high bit depths, which this build has.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::super::codecs::Site;
use crate::failure::{Failure, Result};

/// Writes the headers beside libvpx's configuration.
pub(super) fn write(site: &Site<'_>) -> Result<()> {
    let directory = site.build.join("config/vpx");
    for (name, table) in TABLES {
        let table = site.build.join("vpx").join(table);
        let text = fs::read_to_string(&table).map_err(Failure::io("read", &table))?;
        let header = header(name, &text).ok_or_else(|| not_understood(&table))?;
        let path = directory.join(format!("{name}_rtcd.h"));
        fs::write(&path, header).map_err(Failure::io("write", &path))?;
    }
    Ok(())
}

/// A header and the table that it is made from.
const TABLES: [(&str, &str); 4] = [
    ("vp8", "vp8/common/rtcd_defs.pl"),
    ("vp9", "vp9/common/vp9_rtcd_defs.pl"),
    ("vpx_dsp", "vpx_dsp/vpx_dsp_rtcd_defs.pl"),
    ("vpx_scale", "vpx_scale/vpx_scale_rtcd.pl"),
];

fn not_understood(table: &Path) -> Failure {
    Failure::new(format!("{} is not as the recipe reads it", table.display()))
        .mend("the pinned source has changed: adapt xtask/src/engine/full/rtcd.rs")
}

/// The header of a table: what it declares before all functions, the functions, and what sets up tables at run time,
/// which here is nothing.
fn header(name: &str, table: &str) -> Option<String> {
    let mut header = format!("#ifndef AFMPEG_{name}_RTCD\n#define AFMPEG_{name}_RTCD\n");
    header.push_str("#include \"vpx_config.h\"\n");
    for before in table.split("print <<EOF\n").skip(1) {
        header.push_str(before.split_once("\nEOF\n")?.0);
        header.push('\n');
    }
    let mut functions = BTreeSet::new();
    for entry in table.split("add_proto qw/").skip(1) {
        let (signature, rest) = entry.split_once("/,")?;
        let (returned, function) = signature.rsplit_once(' ')?;
        if !functions.insert(function) {
            continue;
        }
        let parameters = rest.split('"').nth(1)?.replace('\n', " ");
        let other = table
            .split_once(&format!("${function}_c="))
            .and_then(|(_, rest)| rest.split_once(';'));
        let own = format!("{function}_c");
        let target = other.map_or(own.as_str(), |(target, _)| target);
        header.push_str(&format!(
            "{returned} {target}({parameters});\n#define {function} {target}\n"
        ));
    }
    header.push_str(&format!(
        "void {name}_rtcd(void);\n#ifdef RTCD_C\nstatic void setup_rtcd_internal(void) {{}}\n#endif\n#endif\n"
    ));
    (!functions.is_empty()).then_some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_stands_for_its_function_in_c() {
        let table = "sub f() {\nprint <<EOF\nstruct block;\nEOF\n}\nforward_decls qw/f/;\n\
            add_proto qw/unsigned int vp8_sum/, \"struct block *b,\n  int n\";\n\
            specialize qw/vp8_sum sse2 neon/;\n\
            add_proto qw/void vp8_loop/, \"int\";\n\
            add_proto qw/void vp8_loop/, \"short\";\n\
            $vp8_loop_c=vp8_edge_c;\n$vp8_loop_sse2=vp8_edge_sse2;\n";
        let header = header("vp8", table).expect("it is a table");
        for line in [
            "struct block;",
            "unsigned int vp8_sum_c(struct block *b,   int n);",
            "#define vp8_sum vp8_sum_c",
            "void vp8_edge_c(int);",
            "#define vp8_loop vp8_edge_c",
            "void vp8_rtcd(void);",
        ] {
            assert!(header.lines().any(|own| own == line), "{line}: {header}");
        }
        for absent in ["sse2", "short"] {
            assert!(!header.contains(absent), "{absent}: {header}");
        }
    }

    #[test]
    fn what_is_no_table_is_none() {
        assert!(header("vp8", "add_proto qw/void f/ \"int\";").is_none());
        assert!(header("vp8", "1;\n").is_none());
    }
}
