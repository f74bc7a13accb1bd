//! `multipart/form-data`, the whole body of which is at hand.

use bytes::Bytes;

/// A field or a file of a form.
pub(super) struct FormPart {
    pub(super) name: String,
    /// The `Content-Type` if it is a file.
    pub(super) file: Option<String>,
    pub(super) body: Bytes,
}

/// The parts of a body whose `Content-Type` is this. `None` if it is not made that way.
pub(super) fn read(content_type: &str, body: &Bytes) -> Option<Vec<FormPart>> {
    let boundary = parameter(content_type, "boundary").filter(|name| !name.is_empty())?;
    let boundary = format!("--{boundary}");
    let (_, mut after) = delimiter(body, &boundary, 0)?;
    let mut parts = Vec::new();
    while !body[after..].starts_with(b"--") {
        let (before, next) = delimiter(body, &boundary, after)?;
        parts.push(part(&body.slice(after..before))?);
        after = next;
    }
    Some(parts)
}

/// Where the next boundary begins, with the line end that belongs to it, and where it ends. It has
/// its line to itself.
fn delimiter(body: &[u8], boundary: &str, from: usize) -> Option<(usize, usize)> {
    let mut searched = from;
    loop {
        let start = searched + find(&body[searched..], boundary.as_bytes())?;
        let end = start + boundary.len();
        let before = &body[from..start];
        let line_end = before.ends_with(b"\r\n");
        let alone = body[end..].starts_with(b"--")
            || find(&body[end..], b"\r\n")
                .is_some_and(|line| body[end..end + line].trim_ascii().is_empty());
        if alone && (line_end || start == 0) {
            return Some((start.saturating_sub(2), end));
        }
        searched = end;
    }
}

/// A part: the line end of its boundary, headers, an empty line, and the content.
fn part(text: &Bytes) -> Option<FormPart> {
    let split = find(text, b"\r\n\r\n")?;
    let headers = String::from_utf8_lossy(&text[..split]).into_owned();
    let header = |wanted: &str| {
        headers.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim()
                .eq_ignore_ascii_case(wanted)
                .then(|| value.trim().to_owned())
        })
    };
    let disposition = header("content-disposition")?;
    let is_file = parameter(&disposition, "filename").is_some();
    let content_type =
        || header("content-type").unwrap_or_else(|| "application/octet-stream".to_owned());
    Some(FormPart {
        name: parameter(&disposition, "name")?,
        file: is_file.then(content_type),
        body: text.slice(split + 4..),
    })
}

/// `name="value"` or `name=value` among what follows the first `;`.
fn parameter(header: &str, wanted: &str) -> Option<String> {
    let mut rest = header.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => {
                let (value, next) = quoted.split_once('"')?;
                (value, next.trim_start().strip_prefix(';'))
            }
            None => match after.split_once(';') {
                Some((value, next)) => (value.trim(), Some(next)),
                None => (after.trim(), None),
            },
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value.to_owned());
        }
        rest = next?;
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|here| here == wanted)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::read;

    #[test]
    fn reads_fields_and_files() {
        let body = "preamble\r\n--b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n\
                    {\"a\":1}\r\n--b\r\ncontent-disposition: form-data; filename=\"x;y.png\"; \
                    name=filedata\r\nContent-Type: image/png\r\n\r\n\x01\r\n--b or not\r\n--bb\r\n\r\n--b--\r\n";
        let parts = read("multipart/form-data; boundary=\"b\"", &Bytes::from(body)).unwrap();
        let parts: Vec<_> = parts
            .iter()
            .map(|part| (part.name.as_str(), part.file.as_deref(), &part.body[..]))
            .collect();
        assert_eq!(
            parts,
            [
                ("message", None, &b"{\"a\":1}"[..]),
                (
                    "filedata",
                    Some("image/png"),
                    &b"\x01\r\n--b or not\r\n--bb\r\n"[..]
                ),
            ]
        );
    }

    #[test]
    fn bodies_that_are_cut_short_are_none() {
        let whole = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--";
        for length in 0..whole.len() {
            let body = Bytes::from(&whole[..length]);
            assert!(read("multipart/form-data; boundary=b", &body).is_none());
        }
        assert!(read("multipart/form-data; boundary=b", &Bytes::from(whole)).is_some());
        assert!(read("multipart/form-data", &Bytes::from(whole)).is_none());
    }
}
