//! Ignore comments: `# chartpin: ignore[rule, rule] reason` and `# chartpin: ignore-file[rule] reason`.
//!
//! A trailing comment counts for its line, one on its own line for the next node with its children, `ignore-file` above the first node for
//! the whole file. A template has no nodes: there, a comment (YAML's or the template language's) on its own line counts for the next line
//! that says something, and `ignore-file` anywhere for the whole file. A comment that does nothing is a finding itself.

use crate::chart::{ChartFile, MARK};
use crate::finding::Finding;
use crate::rule::{Draft, Report, Stamp};
use crate::rules;
use crate::source::{SourceFile, Span};
use crate::suggest::nearest;
use crate::yaml::{Comment, Kind, Tree};

/// The rule under which useless ignore comments are reported.
pub const UNUSED_IGNORE: &str = "unused-ignore";

/// What an ignore comment covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Line(usize),
    Node(Span),
    File,
    /// `ignore-file` below the first node.
    Misplaced,
}

/// One rule id of one ignore comment.
#[derive(Debug, Clone)]
struct Ignore {
    rule: String,
    span: Span,
    scope: Scope,
    used: bool,
}

/// Takes the findings that `file`'s comments ignore out of `findings`; gives how many, and adds a finding for each comment that does nothing.
///
/// `ran` says whether a rule ran on the file: an ignore of a rule that did not is no finding. `stamp` is that of `unused-ignore`, if it runs.
pub fn suppress(
    file: &ChartFile,
    findings: &mut Vec<Finding>,
    ran: &dyn Fn(&str) -> bool,
    stamp: Option<Stamp>,
) -> usize {
    let Some(tree) = file.tree() else { return 0 };
    let mut broken = Vec::new();
    let mut ignores: Vec<Ignore> = Vec::new();
    for comment in tree.comments() {
        match parse(&file.source, tree, *comment) {
            Some(Ok(found)) => ignores.extend(found),
            Some(Err(draft)) => broken.push(draft),
            None => {}
        }
    }
    let before = findings.len();
    findings.retain(|finding| finding.file != file.source.path || !is_ignored(&mut ignores, finding, &file.source));
    let suppressed = before - findings.len();
    let mut late = Vec::new();
    if let Some(stamp) = stamp {
        let mut report = Report::new(stamp, file, &mut late);
        for draft in broken {
            report.push(draft);
        }
        for ignore in ignores
            .iter()
            .filter(|ignore| !ignore.used && ignore.rule != UNUSED_IGNORE)
        {
            if let Some(draft) = useless(ignore, ran) {
                report.push(draft);
            }
        }
    }
    let kept = late
        .into_iter()
        .filter(|finding| !is_ignored(&mut ignores, finding, &file.source));
    findings.extend(kept);
    suppressed
}

fn is_ignored(ignores: &mut [Ignore], finding: &Finding, source: &SourceFile) -> bool {
    let line = source.line_of(finding.span.start);
    let mut covered = false;
    for ignore in ignores.iter_mut().filter(|ignore| ignore.rule == finding.rule) {
        let covers = match ignore.scope {
            Scope::Line(own) => own == line,
            Scope::Node(span) => span.start <= finding.span.start && finding.span.start < span.end.max(span.start + 1),
            Scope::File => true,
            Scope::Misplaced => false,
        };
        ignore.used |= covers;
        covered |= covers;
    }
    covered
}

fn useless(ignore: &Ignore, ran: &dyn Fn(&str) -> bool) -> Option<Draft> {
    let rule = &ignore.rule;
    if rules::find(rule).is_none() {
        let help = match nearest(rule, rules::ALL.iter().map(|rule| rule.id)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`chartpin explain` lists the rules".to_owned(),
        };
        return Some(
            Draft::new(ignore.span, format!("there is no rule `{rule}`"))
                .label("unknown rule")
                .help(help),
        );
    }
    if ignore.scope == Scope::Misplaced {
        let draft = Draft::new(ignore.span, "`ignore-file` counts above the first key of a file alone");
        return Some(draft.label("too late").help("move the comment to the top of the file"));
    }
    let draft = || Draft::new(ignore.span, format!("nothing here is a finding of `{rule}`")).label("ignores nothing");
    ran(rule).then(|| draft().help(format!("remove `{rule}` from the comment, or the comment")))
}

/// Reads one comment: nothing where it is not about chartpin, else its ignores or what is wrong with it.
fn parse(source: &SourceFile, tree: &Tree, comment: Comment) -> Option<Result<Vec<Ignore>, Draft>> {
    let text = source.slice(comment.span);
    let body = text
        .trim_start_matches(['#', '/', '*'])
        .trim_start()
        .strip_prefix(MARK)?
        .trim_start();
    let whole_file = body.starts_with("ignore-file");
    let rest = body.strip_prefix("ignore-file").or_else(|| body.strip_prefix("ignore"));
    let listed = rest
        .and_then(|rest| rest.trim_start().strip_prefix('['))
        .and_then(|rest| rest.split_once(']'));
    let Some((list, _)) = listed.filter(|(list, _)| !list.trim().is_empty()) else {
        let draft = Draft::new(comment.span, "an ignore comment names the rules that it ignores");
        return Some(Err(draft
            .label("no rule")
            .help("write `# chartpin: ignore[rule] reason`")));
    };
    let scope = scope_of(source, tree, comment, whole_file);
    let list_start = comment.span.start + text.find('[').unwrap_or(0) + 1;
    let mut at = list_start;
    let mut found = Vec::new();
    for item in list.split(',') {
        let lead = item.len() - item.trim_start().len();
        let rule = item.trim();
        found.push(Ignore {
            rule: rule.to_owned(),
            span: Span::new(at + lead, at + lead + rule.len()),
            scope,
            used: false,
        });
        at += item.len() + 1;
    }
    Some(Ok(found))
}

fn scope_of(source: &SourceFile, tree: &Tree, comment: Comment, whole_file: bool) -> Scope {
    if tree.documents().is_empty() && whole_file {
        Scope::File
    } else if whole_file {
        let first = next_node(tree, 0).map_or(usize::MAX, |span| span.start);
        if comment.span.start < first {
            Scope::File
        } else {
            Scope::Misplaced
        }
    } else if comment.trailing {
        Scope::Line(source.line_of(comment.span.start))
    } else {
        next_node(tree, comment.span.end).map_or_else(|| Scope::Line(next_line(source, comment)), Scope::Node)
    }
}

/// The line that says something next behind a comment.
fn next_line(source: &SourceFile, comment: Comment) -> usize {
    let rest = source.text.get(comment.span.end..).unwrap_or_default();
    let blank = rest.lines().skip(1).take_while(|line| line.trim().is_empty()).count();
    source.line_of(comment.span.start) + 1 + blank
}

/// The entry or item that starts next behind `offset`, with everything below it; the outermost where several start at one place.
fn next_node(tree: &Tree, offset: usize) -> Option<Span> {
    let spans = tree.nodes().flat_map(|(_, node)| {
        let spans: Vec<Span> = match &node.kind {
            Kind::Mapping(pairs) => pairs
                .iter()
                .map(|(key, value)| tree.node(*key).span.join(tree.node(*value).span))
                .collect(),
            Kind::Sequence(items) => items.iter().map(|item| tree.node(*item).span).collect(),
            Kind::Scalar(..) | Kind::Alias(_) => Vec::new(),
        };
        spans
    });
    spans
        .filter(|span| span.start >= offset)
        .min_by_key(|span| (span.start, std::cmp::Reverse(span.end)))
}
