//! Presets that are right, and what is said of those that are not.

use mockbank_sim::Preset;

#[test]
fn what_is_built_in_is_valid_and_keeps_its_text() {
    for name in Preset::builtin_names() {
        let text = Preset::builtin(name).unwrap();
        let preset = Preset::parse(text).unwrap();
        assert_eq!(preset.name(), name);
        assert_eq!(preset.text(), text);
    }
    assert_eq!(Preset::builtin("baroque"), None);
}

/// What is said of the classic preset with a text replaced.
#[track_caller]
fn refusal(from: &str, to: &str) -> String {
    let text = Preset::builtin("classic").unwrap();
    assert!(text.contains(from), "{from}");
    Preset::parse(&text.replacen(from, to, 1)).unwrap_err().to_string()
}

#[test]
fn errors_name_key_line_and_what_is_allowed() {
    let errors = [
        ("card_limit = 5000", "card_limt = 5000"),
        ("card_limit = 5000", "card_limit = \"much\""),
        ("card_limit = 5000", "card_limit = 5000.001"),
        ("card_limit = 5000 ", "card_limit = -1 "),
        ("card_limit = 5000 ", ""),
        ("currency = \"USD\"", "currency = \"XYZ\""),
        ("name = \"classic\"", "name = \"\""),
        ("billing_days = [1, 10, 15]", "billing_days = [1, 32]"),
        ("billing_days = [1, 10, 15]", "billing_days = []"),
        ("days = [1, 15]", "days = [15, 1]"),
        ("days = [1, 15]", "days = [1, 300]"),
        ("step = 100", "step = 0"),
        ("min = 1000, max = 5000", "min = 6000, max = 5000"),
        ("hour = 6 ", "hour = 24 "),
        ("{ from = 8, to = 22 }", "{ from = 22, to = 8 }"),
        ("home_city_probability = 0.90", "home_city_probability = 1.5"),
        ("home_city_probability = 0.90", "home_city_probability = nan"),
        ("city_rounds = 12", "city_rounds = 63"),
        ("probability = 0.4", "probability = -0.4"),
        ("probability = 0.4", "propability = 0.4"),
        ("name = \"AVERAGE\"", "name = \"FRUGAL\""),
        ("mean = 45, std = 20, min = 5", "mean = 45, std = -20, min = 5"),
        ("mean = 45, std = 20, min = 5", "mean = 45, std = 20, min = 500"),
        ("mean = 45, std = 20, min = 5", "mean = 45, std = 20, min = 0"),
        ("name = \"Travel\"", "name = \"Gambling\""),
        ("weight = 0.15", "weight = -1"),
        ("[payroll]", "[payrol]"),
        ("[payroll]", "[payroll"),
    ];
    let told: Vec<String> = errors.iter().map(|(from, to)| refusal(from, to)).collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    line 14: population.card_limt: unknown field `card_limt`, expected one of `opening_balance`, `monthly_salary`, `card_limit`, `card_validity_years`, `billing_days`, `email_domain`, `dark_theme_probability`, `notifications_probability`; did you mean `card_limit`?
    line 14: population.card_limit: invalid type: string "much", expected an amount such as 15 or 15.50
    line 14: population.card_limit: an amount has at most two decimals
    line 14: population.card_limit: must be 0 to 10000000000.00
    line 11: population: missing field `card_limit`
    line 8: currency: the currency is one of USD, EUR, GBP, CHF
    line 7: name: must be a text of 1 to 60 bytes
    line 16: population.billing_days: must be at least one day of the month, each 1 to 31
    line 16: population.billing_days: must be at least one day of the month, each 1 to 31
    line 24: payroll.days: must rise, each day once
    line 24: payroll.days[1]: invalid value: integer `300`, expected a whole number from 0 to 255
    line 13: population.monthly_salary.step: must be above 0
    line 12: population.opening_balance.min: must not be above max = 5000.00
    line 25: payroll.hour: must be an hour, 0 to 23
    line 30: spending.hours: must have 0 <= from < to <= 24
    line 31: spending.home_city_probability: must be a probability, 0.0 to 1.0
    line 31: spending.home_city_probability: must be a probability, 0.0 to 1.0
    line 46: transfers.city_rounds: all rounds together must be at most 64
    line 61: profiles[1].probability: must be a probability, 0.0 to 1.0
    line 61: profiles[1].propability: unknown field `propability`, expected one of `name`, `probability`, `amount`; did you mean `probability`?
    line 60: profiles[1].name: is the name of another profile
    line 62: profiles[1].amount.std: must be 0 to 1e10
    line 62: profiles[1].amount.min: must not be above max = 200.00
    line 62: profiles[1].amount.min: must be above 0
    line 91: categories[5].name: has no merchants; allowed are Food & Dining, Shopping, Transport, Entertainment, Health & Wellness, Travel, Utilities
    line 80: categories[2].weight: must be 0 to 1000000
    line 22: payrol: unknown field `payrol`, expected one of `name`, `model`, `currency`, `population`, `payroll`, `spending`, `card_billing`, `transfers`, `profiles`, `categories`; did you mean `payroll`?
    line 22: unclosed table, expected `]`
    "#);
    let all_profiles = Preset::builtin("classic").unwrap().split("[[profiles]]").next().unwrap();
    let without = format!("{all_profiles}\n[[categories]]\nname = \"Travel\"\nweight = 1\n");
    let error = Preset::parse(&without).unwrap_err();
    assert!(error.message.contains("missing field `profiles`"), "{error}");
}
