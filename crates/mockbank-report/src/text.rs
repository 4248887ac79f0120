//! Numbers and names as the page shows them.

/// A number with a letter for thousands and millions, as axes have it.
pub(crate) fn short(value: f64) -> String {
    match value {
        value if value >= 1e6 => format!("{}M", value / 1e6),
        value if value >= 1e3 => format!("{}k", value / 1e3),
        // Powers of ten below one, without the noise of binary fractions.
        value if value < 0.999 => format!("{value:.2}"),
        value => format!("{value:.0}"),
    }
}

/// A count with its thousands apart.
pub(crate) fn grouped(count: u64) -> String {
    grouped_digits(&count.to_string())
}

/// An amount in exact text with its thousands apart.
pub(crate) fn grouped_amount(amount: &str) -> String {
    let (sign, rest) = amount.strip_prefix('-').map_or(("", amount), |rest| ("−", rest));
    let (whole, decimals) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
    escaped(&format!("{sign}{}{decimals}", grouped_digits(whole)))
}

fn grouped_digits(digits: &str) -> String {
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Text as it may stand in HTML.
pub(crate) fn escaped(text: &str) -> String {
    let escape = |letter: char| match letter {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        letter => letter.to_string(),
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped_amount("-28631822.17"), "−28,631,822.17");
        assert_eq!(grouped_amount("0.00"), "0.00");
    }
}
