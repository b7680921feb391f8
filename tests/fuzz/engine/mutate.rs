//! New inputs out of old ones.

use super::MAX_INPUT;
use super::random::Random;

/// Numbers at which readers go wrong, as text.
const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "-1",
    "1",
    "00",
    "+1",
    "0x10",
    "1e400",
    "-1e400",
    "1e-400",
    "1e99999999999",
    "0.1",
    "1.",
    ".5",
    "NaN",
    "Infinity",
    "127",
    "128",
    "255",
    "256",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999999999999999999999",
    "253402300800",
];

/// Bytes at which readers go wrong.
const BYTES: &[&[u8]] = &[
    b"\0",
    b"\"",
    b"\\",
    b"'",
    b"\n",
    b"\r\n",
    b"\t",
    b" ",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"&",
    b"*",
    b"|",
    b"%",
    b"/",
    b"+",
    b"-",
    b"\x7f",
    b"\x80",
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xa8",
    b"\\u0000",
    b"\\ud800",
    b"\\udc00",
    b"%00",
    b"%2e",
    b"\x1b[",
    "\u{202e}".as_bytes(),
    "\u{130}".as_bytes(),
    "\u{1f600}".as_bytes(),
];

/// Lengths at which readers go wrong, as they are written in binary formats.
const LENGTHS: &[&[u8]] = &[
    &[0, 0],
    &[0, 1],
    &[0x7f, 0xff],
    &[0x80, 0],
    &[0xff, 0xff],
    &[0, 0, 0, 0],
    &[0, 1, 0, 0],
    &[0x7f, 0xff, 0xff, 0xff],
    &[0x80, 0, 0, 0],
    &[0xff, 0xff, 0xff, 0xff],
    &[0xff; 8],
    &[0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
];

/// What opens and closes a level, for inputs that are deep.
const LEVELS: &[(&[u8], &[u8])] = &[
    (b"[", b"]"),
    (b"{\"a\":", b"}"),
    (b"[\"list\",", b"]"),
    (b"[\"object\",{\"a\":", b"}]"),
    (b"- ", b""),
    (b"a: {", b"}"),
    (b"a.", b""),
    (b"\x91", b""),
    (b"\x92\xc4\x09\"dynamic\"", b""),
    (b"{\"items\":[", b"]}"),
    (b"(", b")"),
    (b"\"", b"\""),
    (b"? ", b""),
    (b"!a ", b""),
    (b"&a [", b"]"),
];

/// Makes inputs.
pub(super) struct Mutator<'a> {
    random: Random,
    tokens: &'a [&'a str],
}

impl<'a> Mutator<'a> {
    pub(super) fn new(seed: u64, tokens: &'a [&'a str]) -> Self {
        Self { random: Random::new(seed), tokens }
    }

    /// A mutation of one input of the corpus.
    pub(super) fn next(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut input = self.one_of(corpus);
        for _ in 0..=self.random.small(7) {
            let other = self.one_of(corpus);
            self.mutate(&mut input, &other);
            input.truncate(MAX_INPUT);
        }
        input
    }

    fn one_of(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        corpus.get(self.random.below(corpus.len())).cloned().unwrap_or_default()
    }

    fn mutate(&mut self, input: &mut Vec<u8>, other: &[u8]) {
        match self.random.below(16) {
            0 => self.flip_a_bit(input),
            1 => self.overwrite(input),
            2 => drop(input.drain(self.range(input.len()))),
            3 => self.repeat(input),
            4 | 5 => self.replace(input, |random, tokens| random.pick(tokens).as_bytes().to_vec()),
            6 | 7 => self.insert(input, |random, tokens| random.pick(tokens).as_bytes().to_vec()),
            8 => self.insert(input, |random, _| random.pick(BYTES).to_vec()),
            9 => self.replace(input, |random, _| random.pick(LENGTHS).to_vec()),
            10 => self.change_a_number(input),
            11 => self.splice(input, other),
            12 => self.insert_a_part_of(input, other),
            13 => self.nest(input),
            14 => self.change_a_text(input),
            _ => self.move_a_line(input),
        }
    }

    fn flip_a_bit(&mut self, input: &mut [u8]) {
        let (at, bit) = (self.random.below(input.len()), self.random.below(8));
        if let Some(byte) = input.get_mut(at) {
            *byte ^= 1 << bit;
        }
    }

    fn overwrite(&mut self, input: &mut [u8]) {
        let range = self.range(input.len());
        for byte in &mut input[range] {
            *byte = self.random.byte();
        }
    }

    fn repeat(&mut self, input: &mut Vec<u8>) {
        let range = self.range(input.len());
        let times = self.random.small((MAX_INPUT - input.len().min(MAX_INPUT)) / range.len().max(1));
        let repeated = input[range.clone()].repeat(times);
        input.splice(range.end..range.end, repeated);
    }

    fn insert(&mut self, input: &mut Vec<u8>, what: impl Fn(&mut Random, &[&str]) -> Vec<u8>) {
        let at = self.random.below(input.len() + 1);
        input.splice(at..at, what(&mut self.random, self.tokens));
    }

    fn replace(&mut self, input: &mut Vec<u8>, what: impl Fn(&mut Random, &[&str]) -> Vec<u8>) {
        let by = what(&mut self.random, self.tokens);
        let at = self.random.below(input.len() + 1);
        let end = if self.random.below(2) == 0 { at + by.len() } else { at + self.random.small(32) };
        input.splice(at..end.min(input.len()), by);
    }

    fn change_a_number(&mut self, input: &mut Vec<u8>) {
        let number = self.random.pick(NUMBERS).as_bytes();
        let from = self.random.below(input.len());
        let Some(start) = input.iter().skip(from).position(u8::is_ascii_digit).map(|it| it + from) else { return };
        let end = input[start..].iter().position(|byte| !byte.is_ascii_digit()).map_or(input.len(), |it| it + start);
        input.splice(start..end, number.iter().copied());
    }

    /// Puts something else between two quotes.
    fn change_a_text(&mut self, input: &mut Vec<u8>) {
        let from = self.random.below(input.len());
        let Some(start) = input.iter().skip(from).position(|byte| *byte == b'"').map(|it| it + from + 1) else {
            return;
        };
        let Some(length) = input[start..].iter().position(|byte| *byte == b'"') else { return };
        let by = match self.random.below(3) {
            0 => Vec::new(),
            1 => self.random.pick(BYTES).repeat(1 + self.random.small(64)),
            _ => self.random.pick(self.tokens).as_bytes().to_vec(),
        };
        input.splice(start..start + length, by);
    }

    fn splice(&mut self, input: &mut Vec<u8>, other: &[u8]) {
        input.truncate(self.random.below(input.len() + 1));
        input.extend(&other[self.random.below(other.len() + 1)..]);
    }

    fn insert_a_part_of(&mut self, input: &mut Vec<u8>, other: &[u8]) {
        let at = self.random.below(input.len() + 1);
        input.splice(at..at, other[self.range(other.len())].iter().copied());
    }

    /// Puts a part of the input many levels down.
    fn nest(&mut self, input: &mut Vec<u8>) {
        let (open, close) = LEVELS[self.random.below(LEVELS.len())];
        let levels = self.random.small(MAX_INPUT / (open.len() + close.len()));
        let range = self.range(input.len());
        input.splice(range.end..range.end, close.repeat(levels));
        input.splice(range.start..range.start, open.repeat(levels));
    }

    /// Takes a line away, and puts it elsewhere as often as not.
    fn move_a_line(&mut self, input: &mut Vec<u8>) {
        let mut lines: Vec<Vec<u8>> = input.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        if lines.is_empty() {
            return;
        }
        let line = lines[self.random.below(lines.len())].clone();
        if self.random.below(2) == 0 {
            lines.remove(self.random.below(lines.len()));
        }
        lines.insert(self.random.below(lines.len() + 1), line);
        *input = lines.concat();
    }

    /// A part of something so long; it is short more often than not.
    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.random.below(length + 1);
        start..start + self.random.small(length - start)
    }
}
