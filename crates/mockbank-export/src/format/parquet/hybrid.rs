//! Small numbers as Parquet packs them: runs of equal ones by their length, the rest in as few bits
//! as the largest needs.
//!
//! <https://parquet.apache.org/docs/file-format/data-pages/encodings/>, "Run Length Encoding /
//! Bit-Packing Hybrid".

/// Numbers that are packed together, so that they end with a byte.
const GROUP: usize = 8;

/// Puts numbers of at most `width` bits at the end of `out`.
pub(super) fn encode(numbers: &[u32], width: u32, out: &mut Vec<u8>) {
    let (mut packed_from, mut at) = (0, 0);
    while at < numbers.len() {
        let run = numbers[at..].iter().take_while(|number| **number == numbers[at]).count();
        if run < GROUP {
            at += GROUP;
            continue;
        }
        pack(&numbers[packed_from..at], width, out);
        varint((run as u64) << 1, out);
        let bytes = width.div_ceil(u8::BITS) as usize;
        out.extend_from_slice(&numbers[at].to_le_bytes()[..bytes]);
        at += run;
        packed_from = at;
    }
    pack(&numbers[packed_from..], width, out);
}

/// Whole groups of numbers, the last one filled up with zeros; nothing for no numbers.
fn pack(numbers: &[u32], width: u32, out: &mut Vec<u8>) {
    if numbers.is_empty() {
        return;
    }
    let groups = numbers.len().div_ceil(GROUP);
    varint((groups as u64) << 1 | 1, out);
    let (mut word, mut bits) = (0_u64, 0);
    let filling = std::iter::repeat_n(&0, groups * GROUP - numbers.len());
    for number in numbers.iter().chain(filling) {
        word |= u64::from(*number) << bits;
        bits += width;
        if bits >= u32::BITS {
            out.extend_from_slice(&word.to_le_bytes()[..4]);
            word >>= u32::BITS;
            bits -= u32::BITS;
        }
    }
    out.extend_from_slice(&word.to_le_bytes()[..(bits / u8::BITS) as usize]);
}

/// Seven bits in a byte, the lowest first; the eighth says that more follow.
fn varint(mut number: u64, out: &mut Vec<u8>) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_varint(bytes: &mut &[u8]) -> u64 {
        let end = bytes.iter().position(|byte| *byte < 0x80).unwrap();
        let (number, rest) = bytes.split_at(end + 1);
        *bytes = rest;
        number.iter().rev().fold(0, |sum, byte| sum << 7 | u64::from(byte & 0x7f))
    }

    /// Bit by bit, as the format's description has it.
    fn decode(mut bytes: &[u8], width: u32) -> Vec<u32> {
        let mut numbers = Vec::new();
        while !bytes.is_empty() {
            let header = read_varint(&mut bytes);
            let count = usize::try_from(header >> 1).unwrap();
            let bits = if header & 1 == 1 { count * 8 * width as usize } else { width as usize };
            let (run, rest) = bytes.split_at(bits.div_ceil(8));
            bytes = rest;
            let bit = |at: usize| u32::from(run[at / 8] >> (at % 8) & 1);
            let number = |index: usize| {
                (0..width as usize).map(|at| bit(index * width as usize + at) << at).sum::<u32>()
            };
            if header & 1 == 1 {
                numbers.extend((0..count * 8).map(number));
            } else {
                numbers.extend(std::iter::repeat_n(number(0), count));
            }
        }
        numbers
    }

    proptest! {
        #[test]
        fn numbers_are_read_back(
            runs in prop::collection::vec((any::<u32>(), 1..40_usize), 0..40), width in 0..=32_u32,
        ) {
            let most = u32::try_from((1_u64 << width) - 1).unwrap();
            let runs = runs.iter().map(|(number, count)| vec![number & most; *count]);
            let numbers = runs.collect::<Vec<_>>().concat();
            let mut bytes = Vec::new();
            encode(&numbers, width, &mut bytes);
            let mut read = decode(&bytes, width);
            prop_assert!(read.len() < numbers.len() + GROUP);
            prop_assert!(read.drain(numbers.len()..).all(|filling| filling == 0));
            prop_assert_eq!(read, numbers);
        }
    }

    #[test]
    fn the_example_of_the_format_is_packed_alike() {
        let mut bytes = Vec::new();
        encode(&[0, 1, 2, 3, 4, 5, 6, 7], 3, &mut bytes);
        assert_eq!(bytes, [1 << 1 | 1, 0b1000_1000, 0b1100_0110, 0b1111_1010]);
    }
}
