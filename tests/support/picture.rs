//! Draws the guide's pictures: boxes, arrows and texts in SVG.

use std::fmt::{Display, Write};

/// The meaning of a box, shown by its colour.
#[derive(Clone, Copy)]
pub(crate) enum Tone {
    Platform,
    Bot,
    People,
    Step,
}

impl Tone {
    const fn colours(self) -> (&'static str, &'static str) {
        match self {
            Self::Platform => ("#e2e8f0", "#475569"),
            Self::Bot => ("#dbeafe", "#1d4ed8"),
            Self::People => ("#fef3c7", "#b45309"),
            Self::Step => ("#ffffff", "#475569"),
        }
    }
}

/// A picture that is being drawn.
pub(crate) struct Picture {
    size: (u32, u32),
    title: String,
    parts: String,
}

impl Picture {
    pub(crate) fn new(title: &str, width: u32, height: u32) -> Self {
        Self {
            size: (width, height),
            title: title.to_owned(),
            parts: String::new(),
        }
    }

    /// A box with a name, and what it is.
    pub(crate) fn boxed(
        &mut self,
        tone: Tone,
        (x, y, width, height): (u32, u32, u32, u32),
        name: &str,
        what: &str,
    ) {
        let (fill, stroke) = tone.colours();
        self.put(format_args!(
            r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8" fill="{fill}" stroke="{stroke}" stroke-width="1.5"/>"#
        ));
        let (middle, centre) = (x + width / 2, y + height / 2);
        let first = if what.is_empty() {
            centre + 5
        } else {
            centre - 5
        };
        self.text(
            middle,
            first,
            "middle",
            r##"fill="#0f172a" font-weight="bold""##,
            name,
        );
        if !what.is_empty() {
            self.text(
                middle,
                centre + 15,
                "middle",
                r##"fill="#475569" font-size="13""##,
                what,
            );
        }
    }

    /// A frame around other boxes.
    pub(crate) fn frame(&mut self, (x, y, width, height): (u32, u32, u32, u32), name: &str) {
        self.put(format_args!(
            r##"<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8" fill="#f1f5f9" stroke="#475569" stroke-width="1.5" stroke-dasharray="5 4"/>"##
        ));
        self.label(x + width / 2, y + 22, "middle", name);
    }

    /// An arrow along a path.
    pub(crate) fn arrow(&mut self, path: &str) {
        self.put(format_args!(
            r##"<path d="{path}" fill="none" stroke="#475569" stroke-width="1.5" marker-end="url(#head)"/>"##
        ));
    }

    /// A bar that begins at the left and is as long as something is kept.
    pub(crate) fn bar(&mut self, (x, y, width): (u32, u32, u32), is_endless: bool) {
        let (fill, stroke) = Tone::Bot.colours();
        let dashes = if is_endless {
            r#" stroke-dasharray="5 4""#
        } else {
            ""
        };
        self.put(format_args!(
            r#"<rect x="{x}" y="{y}" width="{width}" height="18" rx="4" fill="{fill}" stroke="{stroke}" stroke-width="1.5"{dashes}/>"#
        ));
    }

    pub(crate) fn line(&mut self, path: &str) {
        self.put(format_args!(
            r##"<path d="{path}" fill="none" stroke="#cbd5e1" stroke-width="1"/>"##
        ));
    }

    pub(crate) fn label(&mut self, x: u32, y: u32, anchor: &str, text: &str) {
        self.text(x, y, anchor, r##"fill="#334155" font-size="13""##, text);
    }

    pub(crate) fn name(&mut self, x: u32, y: u32, text: &str) {
        self.text(
            x,
            y,
            "start",
            r##"fill="#0f172a" font-weight="bold""##,
            text,
        );
    }

    fn text(&mut self, x: u32, y: u32, anchor: &str, style: &str, text: &str) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        self.put(format_args!(
            r#"<text x="{x}" y="{y}" text-anchor="{anchor}" {style}>{text}</text>"#
        ));
    }

    fn put(&mut self, part: impl Display) {
        writeln!(self.parts, "  {part}").expect("a string takes it");
    }

    pub(crate) fn into_svg(self) -> String {
        let Self {
            size: (width, height),
            title,
            parts,
        } = self;
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{title}" font-family="Helvetica, Arial, sans-serif" font-size="15">
  <title>{title}</title>
  <defs>
    <marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 10 5 0 10z" fill="#475569"/></marker>
  </defs>
  <rect width="{width}" height="{height}" rx="10" fill="#f8fafc"/>
{parts}</svg>
"##
        )
    }
}
