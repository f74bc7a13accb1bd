use super::row::DescribedRoute;

pub(super) fn flowchart(rows: &[DescribedRoute]) -> String {
    let mut lines = vec![
        "flowchart TD".to_owned(),
        format!(r#"event(["an event"]) --> {}"#, question(1, rows)),
    ];
    let mut targets: Vec<&str> = Vec::new();
    for (row, number) in rows.iter().zip(1..) {
        let waits_for = label(&row.waits_for);
        let handler = match row.summary.as_str() {
            "" => label(&row.handler),
            summary => format!("{}<br/>{}", label(&row.handler), label(summary)),
        };
        let next = question(number + 1, rows);
        lines.push(format!(
            r#"r{number}{{{{"{waits_for}"}}}} -->|takes it| h{number}["{handler}"]"#
        ));
        lines.push(format!("r{number} -.->|otherwise| {next}"));
        if let Some(target) = &row.hands_off_to {
            let known = targets.iter().position(|known| known == target);
            let index = known.unwrap_or_else(|| {
                targets.push(target);
                targets.len() - 1
            });
            lines.push(format!("h{number} ==>|hands off to| t{}", index + 1));
        }
    }
    lines.push(r#"nobody(["no handler"])"#.to_owned());
    for (target, number) in targets.iter().zip(1..) {
        lines.push(format!(r#"t{number}(["{}"])"#, label(target)));
    }
    lines.join("\n    ")
}

/// The node that asks the route with this number, or the end.
fn question(number: usize, rows: &[DescribedRoute]) -> String {
    if number > rows.len() {
        return "nobody".to_owned();
    }
    format!("r{number}")
}

/// Text in which nothing is Mermaid, Markdown or HTML: what could be, becomes a reference to the
/// character in Mermaid's own spelling.
fn label(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        // Inside a word an underscore is no emphasis.
        let in_word = c == '_' && before.is_ascii_alphanumeric() && after.is_ascii_alphanumeric();
        if c.is_alphanumeric() || in_word || matches!(c, ' ' | ',' | '=' | '(' | ')') {
            escaped.push(c);
        } else {
            escaped += &format!("#{};", u32::from(c));
        }
        before = c;
    }
    escaped
}
