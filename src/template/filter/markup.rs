//! Filters for HTML and for addresses.

use super::{Call, Outcome};
use crate::template::budget::Fault;

pub fn apply(name: &str, call: &Call<'_>) -> Option<Outcome> {
    Some(match name {
        "escape" | "xml_escape" => change(call, escaped),
        "escape_once" => change(call, |text| escaped(&unescaped(text))),
        "newline_to_br" => change(call, |text| {
            text.replace("\r\n", "\n").replace('\n', "<br />\n")
        }),
        "strip_html" => change(call, without_tags),
        "url_encode" => change(call, |text| {
            percent_encoded(text, "-_.!~*'()").replace("%20", "+")
        }),
        "cgi_escape" => change(call, |text| {
            percent_encoded(text, "-_.~").replace("%20", "+")
        }),
        "uri_escape" => change(call, |text| percent_encoded(text, "-_.!~*'();/?:@&=+$,#[]")),
        "url_decode" => url_decoded(call),
        "base64_encode" => change(call, |text| data_encoding::BASE64.encode(text.as_bytes())),
        "base64_decode" => base64_decoded(call),
        _ => return None,
    })
}

fn change(call: &Call<'_>, change: impl FnOnce(&str) -> String) -> Outcome {
    call.done(change(&call.text()?))
}

const ENTITIES: [(char, &str); 5] = [
    ('&', "&amp;"),
    ('<', "&lt;"),
    ('>', "&gt;"),
    ('"', "&#34;"),
    ('\'', "&#39;"),
];

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match ENTITIES.iter().find(|(known, _)| *known == letter) {
            Some((_, entity)) => escaped.push_str(entity),
            None => escaped.push(letter),
        }
    }
    escaped
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = ENTITIES.iter().find(|(_, entity)| rest.starts_with(entity));
        let (letter, length) = known.map_or(('&', 1), |(letter, entity)| (*letter, entity.len()));
        plain.push(letter);
        rest = &rest[length..];
    }
    plain + rest
}

/// A text without what stands between angle brackets, nor scripts, styles and comments.
fn without_tags(text: &str) -> String {
    let mut blocks = vec![
        ("<script", "</script>"),
        ("<style", "</style>"),
        ("<!--", "-->"),
        ("<", ">"),
    ];
    let (mut plain, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(start) = rest.find('<') {
        plain.push_str(&rest[..start]);
        rest = &rest[start..];
        let mut after = None;
        // One whose end is not found once is not looked for again.
        blocks.retain(|(open, close)| {
            if after.is_some() || !rest.starts_with(open) {
                return true;
            }
            let end = rest[open.len()..].find(close);
            after = end.map(|end| open.len() + end + close.len());
            end.is_some()
        });
        match after {
            Some(after) => rest = &rest[after..],
            None => break,
        }
    }
    plain + rest
}

fn percent_encoded(text: &str, kept: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let letter = char::from(byte);
        if letter.is_ascii_alphanumeric() || (letter.is_ascii() && kept.contains(letter)) {
            encoded.push(letter);
        } else {
            encoded.push('%');
            encoded.push_str(&data_encoding::HEXUPPER.encode(&[byte]));
        }
    }
    encoded
}

fn url_decoded(call: &Call<'_>) -> Outcome {
    let text = call.text()?.replace('+', " ");
    let broken = || Fault::new("\"%\" has to be followed by two digits that make a character");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next(), rest.next()].map(|digit| digit.unwrap_or(b' '));
        let digits = digits.map(|digit| digit.to_ascii_uppercase());
        let decoded = data_encoding::HEXUPPER.decode(&digits);
        bytes.extend(decoded.map_err(|_| broken())?);
    }
    call.done(String::from_utf8(bytes).map_err(|_| broken())?)
}

fn base64_decoded(call: &Call<'_>) -> Outcome {
    let text = call.text()?;
    let plain: String = text
        .chars()
        .filter(|letter| !matches!(letter, '\t' | '\n' | '\u{c}' | '\r' | ' '))
        .collect();
    let bare = if plain.len().is_multiple_of(4) {
        let bare = plain.strip_suffix('=').unwrap_or(&plain);
        bare.strip_suffix('=').unwrap_or(bare)
    } else {
        &plain
    };
    let broken = || Fault::new("the filter \"base64_decode\" takes Base64");
    if bare.len() % 4 == 1
        || !bare
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte))
    {
        return Err(broken());
    }
    // The bits that are left over do not have to be zero.
    let mut lenient = data_encoding::BASE64_NOPAD.specification();
    lenient.check_trailing_bits = false;
    let encoding = lenient.encoding().map_err(|_| broken())?;
    let bytes = encoding.decode(bare.as_bytes()).map_err(|_| broken())?;
    call.done(String::from_utf8_lossy(&bytes).into_owned())
}
