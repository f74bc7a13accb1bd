//! The source of the generated programs.

/// How many handlers the full program has.
pub(crate) const HANDLERS: usize = 100;

/// A way to write handlers: Rust in which `NUMBER` is replaced by the handler's number, `BODY` for
/// [`BODY`], and `ENTRIES` for the list of handlers.
pub(crate) struct Template {
    /// In the table and on disk.
    pub(crate) name: &'static str,
    /// Lines of the manifest; `ROOT` is the root of this repository.
    pub(crate) dependencies: &'static str,
    /// The program around the handlers. It uses them all, or a build would leave them out.
    pub(crate) program: &'static str,
    /// The forms of a handler, taken in turn.
    pub(crate) handlers: &'static [&'static str],
    /// How the program lists one.
    pub(crate) entry: &'static str,
}

/// What each handler does with its `text` and its `id`, up to the reply.
const BODY: &str = r#"let mut longest = "";
    let mut letters = 0;
    for word in text.split_whitespace() {
        letters += word.chars().count();
        if word.len() > longest.len() {
            longest = word;
        }
    }
    std::future::ready(()).await;
    let reply = format!("NUMBER: to {id}, {longest} is the longest of {letters} letters");"#;

impl Template {
    pub(crate) fn source(&self, handlers: usize) -> String {
        let entries: String = (0..handlers)
            .map(|number| numbered(self.entry, number))
            .collect();
        let mut source = format!("#![deny(warnings)]\n{}", self.program);
        source = source.replace("ENTRIES", &entries);
        for (number, handler) in (0..handlers).zip(self.handlers.iter().cycle()) {
            source.push_str(&numbered(&handler.replace("BODY", BODY), number));
        }
        source
    }
}

fn numbered(template: &str, number: usize) -> String {
    template.replace("NUMBER", &number.to_string())
}
