//! Looks for canaries in bytes, however they were escaped.

/// What may appear nowhere, in lower case. Long enough not to occur by chance in a digest.
const CANARIES: &[&str] = &[
    "qzanari",
    "qzanàri",
    "zoë",
    "zoé",
    "17/03/1913",
    "1913-03-17",
    "17031913",
    "19130317",
    "918273645",
    "8273645",
    "98 76 54 32",
    "98765432",
    "98.76.54.32",
    "98-76-54-32",
];

/// The canaries found in an output.
pub fn found(bytes: &[u8]) -> Vec<String> {
    let latin: String = bytes.iter().map(|b| char::from(*b)).collect();
    let texts = [String::from_utf8_lossy(bytes).into_owned(), latin];
    let mut all = Vec::new();
    for text in texts {
        for read in [text.clone(), unescaped(&text), stripped(&text)] {
            let read = read.to_lowercase();
            all.extend(CANARIES.iter().filter(|c| read.contains(**c)).map(|c| (*c).to_owned()));
        }
    }
    all.sort();
    all.dedup();
    all
}

/// Character references, JSON and URL escapes undone.
fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for (escape, c) in
        [("&agrave;", "à"), ("&eacute;", "é"), ("&euml;", "ë"), ("&amp;", "&"), ("&nbsp;", " "), ("&#x2f;", "/"), ("\\/", "/")]
    {
        text = text.replace(escape, c);
    }
    let (chars, mut out): (Vec<char>, Vec<u8>) = (text.chars().collect(), Vec::new());
    let (mut i, mut buffer) = (0, [0; 4]);
    let number = |from: usize, len: usize, radix: u32| -> Option<u32> {
        u32::from_str_radix(&chars.get(from..from + len)?.iter().collect::<String>(), radix).ok()
    };
    while i < chars.len() {
        let (c, taken) = match (chars[i], chars.get(i + 1)) {
            ('%', _) if number(i + 1, 2, 16).is_some() => {
                out.push(number(i + 1, 2, 16).unwrap() as u8);
                i += 3;
                continue;
            }
            ('\\', Some('u')) => (number(i + 2, 4, 16).and_then(char::from_u32), 6),
            ('&', Some('#')) => match chars[i..].iter().take(10).position(|c| *c == ';') {
                Some(end) if matches!(chars[i + 2], 'x' | 'X') => (number(i + 3, end - 3, 16).and_then(char::from_u32), end + 1),
                Some(end) => (number(i + 2, end - 2, 10).and_then(char::from_u32), end + 1),
                None => (None, 0),
            },
            _ => (None, 0),
        };
        let (c, taken) = c.map_or((chars[i], 1), |c| (c, taken));
        out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
        i += taken;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Without line breaks, colours and indents: a value cut in two by a narrow terminal is whole again.
fn stripped(text: &str) -> String {
    let colours = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    colours.replace_all(text, "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The search itself, tried on what it must find and on what it must let through.
pub fn proofread() {
    for hidden in [
        "QZANARI",
        "Qzanari",
        "qZaNaRi",
        "QZANÀRI",
        "qzan&#224;ri",
        "qzan&#xE0;ri",
        "qzan&agrave;ri",
        "qzan\\u00e0ri",
        "qzan%C3%A0ri",
        "%51zanari",
        "zo&euml;",
        "17&#47;03&#47;1913",
        "17%2F03%2F1913",
        "17\\/03\\/1913",
        "98\n   76 54 32",
        "+33698765432",
        "id=8273645001",
        "\u{1b}[1m98\u{1b}[0m 76 54 32",
    ] {
        assert!(!found(format!("<p>{hidden}</p>").as_bytes()).is_empty(), "{hidden} is not found");
    }
    assert!(!found(b"caf\xe9 QZAN\xc0RI").is_empty(), "Latin-1 is not read");
    for shown in ["AAAAAAA", "99/99/9999", "#8273a64b5c", "Zone", "100 % de leur poids"] {
        assert_eq!(found(shown.as_bytes()), Vec::<String>::new(), "{shown}");
    }
}
