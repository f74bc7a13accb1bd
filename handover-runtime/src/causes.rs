//! An error with its causes, as one line of a log.

/// An error and what caused it, on one line: what others word may hold line breaks.
pub(crate) fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut told: Vec<String> = Vec::new();
    for cause in causes {
        let text = cause.to_string().replace(char::is_control, " ");
        // Many an error repeats its cause.
        if !told.iter().any(|earlier| earlier.contains(&text)) {
            told.push(text);
        }
    }
    told.join(": ")
}
