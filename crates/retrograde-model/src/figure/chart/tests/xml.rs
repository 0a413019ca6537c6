//! A reader that accepts well-formed elements, attributes and text, and nothing else.

/// An element with the text directly inside it.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) text: String,
    attributes: Vec<(String, String)>,
}

impl Found {
    pub(super) fn get(&self, name: &str) -> &str {
        self.attributes.iter().find(|attribute| attribute.0 == name).map_or("", |attribute| &attribute.1)
    }

    pub(super) fn number(&self, name: &str) -> f64 {
        self.get(name).parse().expect("a number")
    }
}

/// All elements in the order of their starts; panics at the first mistake.
pub(super) fn read(svg: &str) -> Vec<Found> {
    let (mut found, mut open): (Vec<Found>, Vec<usize>) = (Vec::new(), Vec::new());
    let mut rest = svg;
    while let Some((before, after)) = rest.split_once('<') {
        let text = unescaped(before);
        match open.last() {
            Some(&at) => found[at].text.push_str(&text),
            None => assert!(text.is_empty(), "text outside: {text}"),
        }
        let (tag, after) = after.split_once('>').expect("a tag ends");
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            let at = open.pop().expect("an element is open");
            assert_eq!(found[at].name, name, "elements are nested");
            continue;
        }
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        if !is_empty {
            open.push(found.len());
        }
        assert!(found.is_empty() || !open.is_empty(), "one element is outermost");
        found.push(element(tag));
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "everything is closed: {rest}");
    found
}

fn element(tag: &str) -> Found {
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()), "{tag}");
    let mut attributes: Vec<(String, String)> = Vec::new();
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"").expect("an attribute has a value");
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{tag}");
        assert!(attributes.iter().all(|attribute| attribute.0 != name), "twice: {name} in {tag}");
        let (value, after) = after.split_once('"').expect("a value ends");
        attributes.push((name.to_owned(), unescaped(value)));
        rest = after.strip_prefix(' ').unwrap_or(after);
        assert!(after.is_empty() || rest.len() < after.len(), "blanks are between attributes: {tag}");
    }
    Found { name: name.to_owned(), text: String::new(), attributes }
}

fn unescaped(raw: &str) -> String {
    let mut out = String::new();
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        let (entity, after) = after.split_once(';').expect("an entity ends");
        let entities = [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("#39", '\'')];
        out.push_str(before);
        out.push(entities.iter().find(|known| known.0 == entity).expect("a known entity").1);
        rest = after;
    }
    out.push_str(rest);
    let is_allowed = |c: char| !c.is_control() || c == '\n';
    assert!(out.chars().all(is_allowed) && !out.contains(['\u{fffe}', '\u{ffff}']), "{raw:?}");
    out
}
