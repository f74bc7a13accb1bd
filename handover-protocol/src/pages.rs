//! What the simulator's page and the operations page share: their style, their scripts, and from where a
//! browser may use them.

use std::net::IpAddr;

/// Content security policy of both pages: a page runs and loads only its own files.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../assets/", $name)))),*]
    };
}

const FILES: &[(&str, &str)] = files! {
    "icon.svg"
    "lib/copy.js" "lib/dom.js" "lib/format.js" "lib/icon.js" "lib/json.js" "lib/modal.js"
    "lib/popover.js" "lib/reconcile.js"
    "shell/theme.js" "shell/toast.js"
    "style/base.css" "style/control.css" "style/frame.css" "style/overlay.css" "style/tokens.css"
};

/// A file of this name that both pages have.
#[must_use]
pub fn shared_file(name: &str) -> Option<&'static str> {
    let found = FILES.iter().find(|(known, _)| *known == name)?;
    Some(found.1)
}

/// Content type of a file, by its name.
#[must_use]
pub fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => "text/html; charset=utf-8",
    }
}

/// Whether the header `Host` names this machine or a neighbour: an IP address, `localhost`, or a name
/// without a domain, such as that of a container.
///
/// A website whose name is pointed at `127.0.0.1` (DNS rebinding) has a domain. The names under
/// `.localhost`, `.internal` and `.test` cannot be registered.
#[must_use]
pub fn is_local_host(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) if port.is_empty() || port.starts_with(':') => address,
            _ => return false,
        },
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    if name.parse::<IpAddr>().is_ok() {
        return true;
    }
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let is_label = |label: &str| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !label.is_empty() && label.bytes().all(is_part)
    };
    if !name.split('.').all(is_label) {
        return false;
    }
    match name.rsplit_once('.') {
        None => true,
        Some((_, domain)) => matches!(domain, "localhost" | "internal" | "test"),
    }
}

/// Whether a request comes from a page that was served by the server it goes to, or from no page at all.
///
/// `host`, `origin` and `site` are the headers `Host`, `Origin` and `Sec-Fetch-Site`. A browser sends the
/// last two, and pages cannot change them.
#[must_use]
pub fn is_same_origin(host: &str, origin: Option<&str>, site: Option<&str>) -> bool {
    let from_here = match site {
        None => true,
        // `none`: the address was typed, or opened from a bookmark.
        Some(site) => matches!(site, "same-origin" | "none"),
    };
    from_here
        && origin.is_none_or(|origin| {
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_domain_are_not_local() {
        for local in [
            "127.0.0.1:9464",
            "10.0.3.7",
            "[::1]:9464",
            "[::1]",
            "localhost:8090",
            "LOCALHOST",
            "bot:9464",
            "simulator",
            "my_bot:1",
            "app.localhost:9464",
            "host.docker.internal:8090",
            "bot.test",
        ] {
            assert!(is_local_host(local), "{local}");
        }
        for foreign in [
            "evil.example:9464",
            "127.0.0.1.evil.example",
            "127.0.0.1.nip.io:9464",
            "localhost.evil.example",
            "bot.local",
            "[::1].evil.example",
            "[::1",
            "",
            ":9464",
            "a..localhost",
            "evil.example/localhost",
            "user@localhost",
        ] {
            assert!(!is_local_host(foreign), "{foreign}");
        }
    }

    #[test]
    fn other_pages_are_told_apart() {
        let host = "127.0.0.1:9464";
        assert!(is_same_origin(host, None, None));
        assert!(is_same_origin(
            host,
            Some("http://127.0.0.1:9464"),
            Some("same-origin")
        ));
        assert!(is_same_origin(host, None, Some("none")));
        for (origin, site) in [
            (Some("http://evil.example"), None),
            (Some("http://127.0.0.1:3000"), None),
            (Some("null"), None),
            (None, Some("cross-site")),
            (None, Some("same-site")),
            (Some("http://127.0.0.1:9464"), Some("cross-site")),
        ] {
            assert!(!is_same_origin(host, origin, site), "{origin:?} {site:?}");
        }
    }
}
