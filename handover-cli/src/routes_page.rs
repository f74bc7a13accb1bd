//! The routing table as a page: a diagram that needs no script and nothing from elsewhere.

use std::fmt::Write;

use handover::protocol::pages;
use handover_runtime::description::{DescribedProgram, DescribedRoute};

const STYLE: &str = "
body { overflow: auto; height: auto; max-width: 1100px; margin: 0 auto; padding: 24px 16px 48px; font-size: 14px; }
h1 { font-size: 20px; margin-bottom: 4px; }
h2 { font-size: 16px; margin: 32px 0 12px; }
.hint { color: var(--ink-3); margin-bottom: 12px; }
.end { display: table; padding: 6px 14px; border-radius: 16px; background: var(--sunken); border: 1px solid var(--line-strong); color: var(--ink-2); }
ol.routes { display: grid; }
.route { display: grid; grid-template-columns: minmax(0, 4fr) 88px minmax(0, 5fr) 108px minmax(0, 3fr); align-items: center; padding-top: 34px; position: relative; }
.otherwise { position: absolute; left: 24px; top: 0; height: 34px; padding-left: 10px; border-left: 2px dashed var(--line-strong); color: var(--ink-3); font-size: 12px; line-height: 30px; }
.otherwise::after { content: \"\"; position: absolute; left: -6px; bottom: 0; border: 5px solid transparent; border-top: 7px solid var(--line-strong); border-bottom: 0; }
.box { padding: 10px 14px; border-radius: 10px; border: 1.5px solid var(--line-strong); background: var(--surface); overflow-wrap: anywhere; align-self: stretch; display: grid; align-content: center; gap: 2px; }
.asks { border-color: var(--accent); background: var(--accent-soft); }
.asks code { color: var(--ink); }
.number { color: var(--ink-3); font-size: 12px; }
.handler b { font: 600 13px var(--mono); }
.where { color: var(--ink-3); font-size: 12px; }
.arrow { position: relative; height: 2px; background: var(--ink-3); color: var(--ink-2); font-size: 12px; text-align: center; margin-right: 8px; }
.arrow span { position: absolute; left: 0; right: 0; bottom: 5px; }
.arrow::after { content: \"\"; position: absolute; right: -7px; top: -4px; border: 5px solid transparent; border-left: 8px solid var(--ink-3); border-right: 0; }
.gives { background: var(--inbox); }
.gives::after { border-left-color: var(--inbox); }
.target { border-color: var(--inbox); background: var(--inbox-soft); color: var(--inbox); font-weight: 600; }
@media (max-width: 760px) {
  .route { grid-template-columns: minmax(0, 1fr); gap: 4px; }
  .arrow { height: auto; background: none; text-align: left; padding-left: 24px; margin: 0; }
  .arrow span { position: static; }
  .arrow span::before { content: \"\\2193  \"; }
  .arrow::after { display: none; }
}
";

/// The page of a program's routes.
pub(crate) fn page(program: &DescribedProgram) -> String {
    let mut body = String::new();
    match program {
        DescribedProgram::Bot(routes) => diagram(&mut body, routes),
        DescribedProgram::Bots(bots) => {
            for (name, routes) in bots {
                put(&mut body, format_args!("<h2>{}</h2>\n", escaped(name)));
                diagram(&mut body, routes);
            }
        }
    }
    let count = program.routes().count();
    let routes = if count == 1 { "route" } else { "routes" };
    let style = |name| pages::shared_file(name).unwrap_or_default();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>Routes</title>\n<style>\n{}{}{STYLE}</style>\n</head>\n<body>\n<h1>Routes</h1>\n\
         <p class=\"hint\">{count} {routes}, from top to bottom: the first one that matches handles the event.</p>\n\
         {body}</body>\n</html>\n",
        style("style/tokens.css"),
        style("style/base.css"),
    )
}

fn diagram(out: &mut String, routes: &[DescribedRoute]) {
    out.push_str("<p class=\"end\">an event</p>\n<ol class=\"routes\">\n");
    for (route, number) in routes.iter().zip(1..) {
        let otherwise = if number == 1 { "" } else { "otherwise" };
        put(
            out,
            format_args!(
                "<li class=\"route\"><span class=\"otherwise\">{otherwise}</span>\
                 <div class=\"box asks\"><span class=\"number\">{number}</span><code>{}</code></div>\
                 <div class=\"arrow\"><span>takes it</span></div>\
                 <div class=\"box handler\"><b>{}</b><span>{}</span><span class=\"where\">{}</span></div>",
                escaped(&route.waits_for),
                escaped(&route.handler),
                escaped(&route.summary),
                escaped(&route.place),
            ),
        );
        if let Some(target) = &route.hands_off_to {
            put(
                out,
                format_args!(
                    "<div class=\"arrow gives\"><span>hands off to</span></div>\
                     <div class=\"box target\">{}</div>",
                    escaped(target)
                ),
            );
        }
        out.push_str("</li>\n");
    }
    out.push_str(
        "<li class=\"route\"><span class=\"otherwise\">otherwise</span><p class=\"end\">no handler: the event is ignored</p></li>\n</ol>\n",
    );
}

/// Writing into a string cannot fail.
fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

/// Text in which nothing is HTML.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
