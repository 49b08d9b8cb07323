//! Finds the values in a JSON text one by one, so that a long list need not be in memory. The parser
//! checks the values themselves.

use std::io::{BufRead, Bytes, Read};
use std::iter::Peekable;

use super::limits::{MAX_ROW, too_long};

const TRUNCATED: &str = "the file ends too early: is it complete?";

/// A JSON text that is being read.
pub(super) struct Scanner<'a> {
    bytes: Peekable<Bytes<Box<dyn BufRead + 'a>>>,
    /// The line of the next byte, from 1.
    pub line: u64,
}

impl<'a> Scanner<'a> {
    pub fn new(file: Box<dyn BufRead + 'a>) -> Self {
        Self { bytes: file.bytes().peekable(), line: 1 }
    }

    /// The next byte that is not white space, which stays; `None` at the end.
    pub fn peek(&mut self) -> Result<Option<u8>, String> {
        while let Some(byte) = self.peek_byte()? {
            if !byte.is_ascii_whitespace() {
                return Ok(Some(byte));
            }
            self.skip();
        }
        Ok(None)
    }

    /// Skips white space and this byte, if it follows.
    pub fn take(&mut self, wanted: u8) -> Result<bool, String> {
        let is_next = self.peek()? == Some(wanted);
        if is_next {
            self.skip();
        }
        Ok(is_next)
    }

    /// Skips white space and this byte, which must follow.
    pub fn expect(&mut self, wanted: u8) -> Result<(), String> {
        if self.take(wanted)? {
            return Ok(());
        }
        Err(match self.peek()? {
            None => TRUNCATED.to_owned(),
            Some(found) => format!("{:?} should be {:?}", char::from(found), char::from(wanted)),
        })
    }

    /// Checks that only white space follows.
    pub fn expect_end(&mut self) -> Result<(), String> {
        match self.peek()? {
            None => Ok(()),
            Some(_) => Err("something follows the end of the list".to_owned()),
        }
    }

    /// The text of the next value: from its first bracket or quotation mark to its last, or up to what
    /// cannot be part of a number or a word.
    pub fn value(&mut self) -> Result<Vec<u8>, String> {
        self.peek()?;
        self.rest_of(Vec::new(), 0)
    }

    /// The text of a value that begins with `value` and has this many brackets open.
    pub fn rest_of(&mut self, mut value: Vec<u8>, mut depth: usize) -> Result<Vec<u8>, String> {
        let (mut is_in_string, mut is_escaped) = (false, false);
        while let Some(byte) = self.peek_byte()? {
            let is_word_over = depth == 0
                && !is_in_string
                && (matches!(byte, b',' | b':' | b']' | b'}') || byte.is_ascii_whitespace());
            if is_word_over {
                return Ok(value);
            }
            if value.len() == MAX_ROW {
                return Err(too_long());
            }
            value.push(byte);
            self.skip();
            if is_in_string {
                is_in_string = is_escaped || byte != b'"';
                is_escaped = !is_escaped && byte == b'\\';
            } else {
                match byte {
                    b'"' => is_in_string = true,
                    b'[' | b'{' => depth += 1,
                    b']' | b'}' => depth -= 1,
                    _ => continue,
                }
            }
            if depth == 0 && !is_in_string {
                return Ok(value);
            }
        }
        Err(TRUNCATED.to_owned())
    }

    /// The name of the next member of an object, with its quotation marks; `None` after the object's end.
    pub fn member(&mut self, is_first: bool) -> Result<Option<Vec<u8>>, String> {
        if self.take(b'}')? {
            return Ok(None);
        }
        if !is_first {
            self.expect(b',')?;
        }
        let name = self.value()?;
        self.expect(b':')?;
        Ok(Some(name))
    }

    /// The text of the next element of a list and the line where it begins; `None` after its end.
    pub fn element(&mut self, is_first: bool) -> Result<Option<(u64, Vec<u8>)>, String> {
        if self.take(b']')? {
            return Ok(None);
        }
        if !is_first {
            self.expect(b',')?;
        }
        self.peek()?;
        Ok(Some((self.line, self.value()?)))
    }

    fn peek_byte(&mut self) -> Result<Option<u8>, String> {
        match self.bytes.peek() {
            None => Ok(None),
            Some(Ok(byte)) => Ok(Some(*byte)),
            Some(Err(error)) => Err(error.to_string()),
        }
    }

    fn skip(&mut self) {
        if let Some(Ok(b'\n')) = self.bytes.next() {
            self.line += 1;
        }
    }
}
