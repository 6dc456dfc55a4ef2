//! Lines of a given width, with or without colour.
//!
//! Depends on `anstyle` only. Must never cut a word that fits on a line, nor let a control character
//! of a text reach the terminal.

use anstyle::Style;

/// Lines being written.
pub(super) struct Page {
    out: String,
    width: usize,
    color: bool,
}

impl Page {
    pub fn new(width: usize, color: bool) -> Self {
        Self { out: String::new(), width: width.clamp(60, 120), color }
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn finish(self) -> String {
        self.out
    }

    pub fn blank(&mut self) {
        self.out.push('\n');
    }

    /// A horizontal line.
    pub fn rule(&mut self) {
        let rule = "─".repeat(self.width);
        self.line(&[(Style::new().dimmed(), &rule)]);
    }

    /// One line of styled pieces, as they are.
    pub fn line(&mut self, pieces: &[(Style, &str)]) {
        for (style, text) in pieces {
            self.paint(*style, text);
        }
        self.end();
    }

    /// A text after `head`, wrapped, its next lines indented by `indent`. `style` goes to the head
    /// where there is one to see, else to the text.
    pub fn wrapped(&mut self, head: &str, style: Style, text: &str, indent: usize) {
        let (of_head, of_text) = if head.trim().is_empty() { (Style::new(), style) } else { (style, Style::new()) };
        let first = head.chars().count();
        let lines = wrap(&clean(text), self.width.saturating_sub(first), self.width.saturating_sub(indent));
        for (i, line) in lines.iter().enumerate() {
            if i == 0 {
                self.paint(of_head, head);
            } else {
                self.out.push_str(&" ".repeat(indent));
            }
            self.paint(of_text, line);
            self.end();
        }
    }

    fn paint(&mut self, style: Style, text: &str) {
        let text = clean(text);
        if self.color && style != Style::new() && !text.is_empty() {
            self.out.push_str(&format!("{style}{text}{style:#}"));
        } else {
            self.out.push_str(&text);
        }
    }

    fn end(&mut self) {
        self.out.truncate(self.out.trim_end_matches(' ').len());
        self.out.push('\n');
    }
}

/// A text without control characters: a label read in a file must not drive the terminal.
fn clean(text: &str) -> String {
    // Nor what turns the direction of writing.
    let odd = |c: char| c.is_control() || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if odd(c) { ' ' } else { c }).collect()
}

/// Lines of at most `first`, then `next` characters, cut at ordinary spaces; a longer word is cut.
fn wrap(text: &str, first: usize, next: usize) -> Vec<String> {
    let (first, next) = (first.max(10), next.max(10));
    let (mut lines, mut line, mut left) = (Vec::new(), String::new(), first);
    for word in text.split(' ').filter(|w| !w.is_empty()) {
        let mut word: Vec<char> = word.chars().collect();
        if !line.is_empty() {
            if word.len() + 1 > left {
                lines.push(std::mem::take(&mut line));
                left = next;
            } else {
                line.push(' ');
                left -= 1;
            }
        }
        while word.len() > left {
            let rest = word.split_off(left);
            line.extend(word);
            lines.push(std::mem::take(&mut line));
            left = next;
            word = rest;
        }
        left -= word.len();
        line.extend(word);
    }
    lines.push(line);
    lines
}

/// A bar of `width` cells: what is reached, what is open, what is lost.
pub(super) fn bar(lo: f64, hi: f64, width: u32) -> [String; 3] {
    let cells = |value: f64| {
        let exact = value.clamp(0.0, 100.0) / 100.0 * f64::from(width);
        // Cells count from 0 to `width`: no truncation.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let n = exact.round() as u32;
        // Nothing incomplete looks complete, nothing started looks empty.
        if value < 100.0 && n == width {
            width - 1
        } else if value > 0.0 && n == 0 {
            1
        } else {
            n
        }
    };
    let done = cells(lo);
    let reach = cells(hi).max(done);
    ["█".repeat(done as usize), "▒".repeat((reach - done) as usize), "░".repeat((width - reach) as usize)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_at_spaces_and_cuts_only_what_cannot_fit() {
        assert_eq!(wrap("un deux trois quatre", 10, 12), ["un deux", "trois quatre"]);
        assert_eq!(wrap("ENT_Complet_20240916", 10, 10), ["ENT_Comple", "t_20240916"]);
        assert_eq!(wrap("", 10, 10), [""]);
    }

    #[test]
    fn a_bar_is_full_only_at_100() {
        assert_eq!(bar(99.9, 100.0, 10).map(|s| s.chars().count()), [9, 1, 0]);
        assert_eq!(bar(0.1, 99.0, 10).map(|s| s.chars().count()), [1, 8, 1]);
        assert_eq!(bar(0.0, 0.0, 10).map(|s| s.chars().count()), [0, 0, 10]);
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(clean("a\u{1b}[31mb\nc"), "a [31mb c");
    }
}
