//! The text of a file: UTF-8 with or without a byte order mark, or UTF-16 with one. A file of another type
//! is named, with what to save instead.

use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};

/// Says that bytes are not UTF-8.
pub(super) const NOT_UTF8: &str = "this is not UTF-8 (it may be Windows-1252): save it as UTF-8 (in Excel, \
                                   as “CSV UTF-8”)";

/// How files of other types begin, what they are, and what to do instead.
const OTHERS: [(&[u8], &str); 9] = [
    (
        b"PK\x03\x04",
        "this is a ZIP archive or a spreadsheet (.xlsx, .ods): open it and save it as CSV (in Excel, as \
         “CSV UTF-8”)",
    ),
    (
        b"\xd0\xcf\x11\xe0",
        "this is an Excel workbook (.xls): open it and save it as CSV (in Excel, as “CSV UTF-8”)",
    ),
    (b"\x1f\x8b", "this is compressed with gzip: unpack it first, for example with gunzip"),
    (b"BZh", "this is compressed with bzip2: unpack it first, for example with bunzip2"),
    (b"\xfd7zXZ", "this is compressed with xz: unpack it first, for example with unxz"),
    (
        b"\x28\xb5\x2f\xfd",
        "this is compressed with Zstandard: unpack it first, for example with unzstd",
    ),
    (b"%PDF", "this is a PDF document: save the table that it shows as CSV"),
    (b"SQLite format 3\0", "this is an SQLite database: export the table as CSV"),
    (b"PAR1", "this is a Parquet file: export it as CSV or NDJSON"),
];

const NO_MARK: &str = "this seems to be UTF-16 without a byte order mark: save the file as UTF-8";

/// The most bytes that are needed to recognize a file.
const LONGEST_START: u64 = 16;

/// The text of a file, in UTF-8 unless it is in an encoding that cannot be recognized; or what is wrong with
/// the file.
pub(super) fn text<'a>(mut file: Box<dyn Read + 'a>) -> Result<Box<dyn BufRead + 'a>, String> {
    let mut start = Vec::new();
    let read = file.by_ref().take(LONGEST_START).read_to_end(&mut start);
    read.map_err(|error| error.to_string())?;
    if let Some((_, message)) = OTHERS.iter().find(|(begin, _)| start.starts_with(begin)) {
        return Err((*message).to_owned());
    }
    let whole = |skip: usize| Cursor::new(start[skip..].to_vec()).chain(file);
    match start[..] {
        [0xef, 0xbb, 0xbf, ..] => Ok(Box::new(BufReader::new(whole(3)))),
        [0xff, 0xfe, ..] => Ok(Box::new(BufReader::new(Utf16::new(whole(2), u16::from_le_bytes)))),
        [0xfe, 0xff, ..] => Ok(Box::new(BufReader::new(Utf16::new(whole(2), u16::from_be_bytes)))),
        [0, _, ..] | [_, 0, ..] => Err(NO_MARK.to_owned()),
        _ => Ok(Box::new(BufReader::new(whole(0)))),
    }
}

/// Reads UTF-16 as UTF-8.
struct Utf16<R> {
    file: R,
    unit: fn([u8; 2]) -> u16,
    ready: Cursor<String>,
}

impl<R: Read> Utf16<R> {
    fn new(file: R, unit: fn([u8; 2]) -> u16) -> Self {
        Self { file, unit, ready: Cursor::default() }
    }

    /// The next characters; none at the end.
    fn next_part(&mut self) -> io::Result<String> {
        const PART: u64 = 8 * 1024;
        let mut bytes = Vec::new();
        self.file.by_ref().take(PART).read_to_end(&mut bytes)?;
        let is_high_surrogate = |last: &[u8; 2]| (0xd800..0xdc00).contains(&(self.unit)(*last));
        if bytes.last_chunk().is_some_and(is_high_surrogate) {
            self.file.by_ref().take(2).read_to_end(&mut bytes)?;
        }
        let (units, rest) = bytes.as_chunks::<2>();
        let text: Result<String, _> =
            char::decode_utf16(units.iter().map(|unit| (self.unit)(*unit))).collect();
        match text {
            Ok(text) if rest.is_empty() => Ok(text),
            _ => Err(io::Error::new(ErrorKind::InvalidData, "this is not valid UTF-16")),
        }
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.ready.read(out)?;
        if read > 0 || out.is_empty() {
            return Ok(read);
        }
        self.ready = Cursor::new(self.next_part()?);
        self.ready.read(out)
    }
}
