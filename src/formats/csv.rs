//! CSV with a header line (RFC 4180).
//!
//! A text that a spreadsheet would take for a formula gets an apostrophe in front, which
//! [`unguarded`] removes again.

use std::io::{self, Write as _};

use csv::{ByteRecord, Terminator, WriterBuilder};

use super::{Format, ListPart};
use crate::entities::{FIELDS, Value};

/// A spreadsheet takes a text that begins with one of these for a formula (OWASP, "CSV Injection"), some programs
/// also if they are full-width. The apostrophe is one of them so that a text that begins with it is read back
/// unchanged.
const FORMULA_STARTS: [char; 12] =
    ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n', '\''];

/// `text/csv`
pub struct Csv;

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn media_type(&self) -> &'static str {
        "text/csv; charset=utf-8; header=present"
    }

    fn label(&self) -> Option<&'static str> {
        Some("CSV")
    }

    fn rooms(&self, out: &mut Vec<u8>, part: ListPart<'_>) -> io::Result<()> {
        let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
        if part.is_first {
            writer.write_record(FIELDS.each_ref().map(|field| field.name))?;
        }
        let mut record = ByteRecord::new();
        let mut text = Vec::new();
        for listed in part.rooms {
            record.clear();
            for field in &FIELDS {
                text.clear();
                match field.value(&listed.room) {
                    Some(Value::Text(value)) => text.extend(guarded(&value).bytes()),
                    Some(value) => write!(text, "{value}")?,
                    None => {}
                }
                record.push_field(&text);
            }
            writer.write_byte_record(&record)?;
        }
        writer.flush()
    }
}

fn guarded(text: &str) -> String {
    let apostrophe = if text.starts_with(FORMULA_STARTS) { "'" } else { "" };
    format!("{apostrophe}{text}")
}

/// The text as it was before it was guarded against spreadsheets.
pub fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(FORMULA_STARTS) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_guarded_and_read_back_unchanged() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("-2", "'-2"),
            ("@x", "'@x"),
            ("＝1", "'＝1"),
            ("\n=1", "'\n=1"),
            ("'x", "''x"),
            ("'=x", "''=x"),
            ("Attic", "Attic"),
            ("", ""),
        ] {
            assert_eq!(guarded(text), written);
            assert_eq!(unguarded(written), text);
        }
        assert_eq!(unguarded("'tis"), "'tis", "an apostrophe of a file's own stays");
    }
}
