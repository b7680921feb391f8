//! The tokens of msgpack.

use crate::framework::number::Number;

/// One token: a scalar, or the head of a collection whose elements follow.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'a> {
    Nil,
    Bool(bool),
    Whole(Number),
    Float(f64),
    Text(&'a [u8]),
    Binary(&'a [u8]),
    Array(usize),
    Map(usize),
    Extension,
}

/// Bytes that end too early or are no msgpack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Reads tokens one after another.
#[derive(Debug)]
pub(super) struct Tokens<'a>(&'a [u8]);

impl<'a> Tokens<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn next(&mut self) -> Result<Token<'a>, Malformed> {
        let [marker] = self.array()?;
        Ok(match marker {
            0x00..=0x7f => Token::Whole(i64::from(marker).into()),
            0x80..=0x8f => Token::Map(usize::from(marker & 0x0f)),
            0x90..=0x9f => Token::Array(usize::from(marker & 0x0f)),
            0xa0..=0xbf => Token::Text(self.take(usize::from(marker & 0x1f))?),
            0xc0 => Token::Nil,
            0xc1 => return Err(Malformed),
            0xc2 | 0xc3 => Token::Bool(marker == 0xc3),
            0xc4..=0xc6 => Token::Binary(self.sized(marker - 0xc4)?),
            0xc7..=0xc9 => self.extension_of(marker - 0xc7)?,
            0xca => Token::Float(f64::from(f32::from_be_bytes(self.array()?))),
            0xcb => Token::Float(f64::from_be_bytes(self.array()?)),
            0xcc..=0xcf => Token::Whole(self.unsigned(marker - 0xcc)?.into()),
            0xd0..=0xd3 => Token::Whole(self.signed(marker - 0xd0)?.into()),
            0xd4..=0xd8 => self.extension(1 << (marker - 0xd4))?,
            0xd9..=0xdb => Token::Text(self.sized(marker - 0xd9)?),
            0xdc | 0xdd => Token::Array(self.length(marker - 0xdc + 1)?),
            0xde | 0xdf => Token::Map(self.length(marker - 0xde + 1)?),
            0xe0..=0xff => Token::Whole(i64::from(i8::from_be_bytes([marker])).into()),
        })
    }

    /// Passes over everything that belongs to `token`, which was read.
    pub(super) fn skip(&mut self, token: &Token<'_>) -> Result<(), Malformed> {
        let mut pending = token.elements();
        while pending > 0 {
            pending = pending - 1 + self.next()?.elements();
        }
        Ok(())
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*taken)
    }

    /// An unsigned number of 1, 2, 4 or 8 bytes, for `width` 0 to 3.
    fn unsigned(&mut self, width: u8) -> Result<u64, Malformed> {
        Ok(match width {
            0 => u8::from_be_bytes(self.array()?).into(),
            1 => u16::from_be_bytes(self.array()?).into(),
            2 => u32::from_be_bytes(self.array()?).into(),
            _ => u64::from_be_bytes(self.array()?),
        })
    }

    fn signed(&mut self, width: u8) -> Result<i64, Malformed> {
        Ok(match width {
            0 => i8::from_be_bytes(self.array()?).into(),
            1 => i16::from_be_bytes(self.array()?).into(),
            2 => i32::from_be_bytes(self.array()?).into(),
            _ => i64::from_be_bytes(self.array()?),
        })
    }

    fn length(&mut self, width: u8) -> Result<usize, Malformed> {
        usize::try_from(self.unsigned(width)?).map_err(|_| Malformed)
    }

    fn sized(&mut self, width: u8) -> Result<&'a [u8], Malformed> {
        let length = self.length(width)?;
        self.take(length)
    }

    fn extension_of(&mut self, width: u8) -> Result<Token<'a>, Malformed> {
        let length = self.length(width)?;
        self.extension(length)
    }

    /// A code of one byte and its payload. Every extension means "unknown": refinements may be ignored.
    fn extension(&mut self, length: usize) -> Result<Token<'a>, Malformed> {
        self.take(1)?;
        self.take(length)?;
        Ok(Token::Extension)
    }
}

impl Token<'_> {
    /// How many values follow that belong to this one.
    fn elements(&self) -> usize {
        match self {
            Self::Array(length) => *length,
            Self::Map(length) => length.saturating_mul(2),
            _ => 0,
        }
    }
}
