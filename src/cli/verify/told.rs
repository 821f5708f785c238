//! What was verified, for people.

use super::Beside;
use super::sum::Sum;
use crate::cli::output::Style;
use crate::cli::points::next_steps;
use crate::cli::{Context, Failure, Output};
use crate::plan::Plan;
use crate::protect::verify::{Read, Strange, Verified};
use crate::systems::artefact::Look;
use crate::text::wrap::wrap;
use crate::text::{Shape, Size, Span, untrusted};
use crate::vault::Catalogue;

/// The word for what became of it, and what is told.
pub(super) fn outcome(look: &Look) -> (&'static str, &str, Style) {
    match look {
        Look::Whole(holds) => ("whole", holds, Style::Good),
        Look::Flawed(why) => ("flawed", why, Style::Bad),
        Look::NotLooked(why) => ("not looked at", why, Style::Warning),
    }
}

const INDENT: &str = "               ";

/// Tells of one copy.
pub(super) fn tell(context: &Context, verified: &Verified<'_>) -> Result<(), Failure> {
    let out = context.out();
    if let Some(why) = &verified.broken {
        let name = untrusted(format!("{}/{}", verified.store, verified.point.id), Shape::line(160));
        out.line(format!("{}  {name}", out.styled(Style::Bad, "partial      ")))?;
        out.line(wrap(&untrusted(why, Shape::line(300)), out.width(), INDENT, INDENT))?;
    }
    // What was read before is only counted, unless something is wrong with it.
    let is_news = |read: &&Read<'_>| !verified.is_remembered || !matches!(read.look, Look::Whole(_));
    for read in verified.files.iter().filter(is_news) {
        let (word, told, style) = outcome(&read.look);
        let name = untrusted(format!("{}/{}", verified.store, read.file.key), Shape::line(160));
        out.line(format!("{}  {name}", out.styled(style, &format!("{word:<13}"))))?;
        let how = if verified.is_remembered {
            format!("as found before; `{}` reads it again", context.again(["verify", "--deep"]))
        } else {
            format!("{} read in {}", Size(read.file.size).approx(), Span::from(read.took).brief())
        };
        let told = untrusted(told, Shape::line(400));
        let told = if matches!(read.look, Look::NotLooked(_)) { told } else { format!("{told}; {how}") };
        out.line(wrap(&told, out.width(), INDENT, INDENT))?;
    }
    if let Some(why) = &verified.not_kept {
        let told = format!("What was found is not kept beside it: {}", untrusted(why, Shape::line(300)));
        out.line(out.styled(Style::Warning, &wrap(&told, out.width(), INDENT, INDENT)))?;
    }
    Ok(())
}

/// Tells what became of all of them.
pub(super) fn summary(
    context: &Context,
    sum: &Sum,
    beside: &Beside,
    (plan, catalogue): (&Plan, &Catalogue),
) -> Result<(), Failure> {
    let out = context.out();
    for Strange { component, about, why } in &beside.strange {
        let told = untrusted(format!("{component}: {about}: {why}"), Shape::line(400));
        out.line(format!("{}  {}", out.styled(Style::Warning, "strange      "), wrap(&told, out.width(), "", INDENT)))?;
    }
    out.line(out.styled(if sum.is_well() { Style::Good } else { Style::Warning }, &sum.sentence()))?;
    for told in next_steps(context, plan, catalogue, &sum.doubted) {
        out.line(wrap(&told, out.width(), "next: ", "  "))?;
    }
    for unseen in &beside.unseen {
        let told = format!("Not looked into {}: {}.", Output::safe(&unseen.store), Output::safe(&unseen.why));
        out.line(out.styled(Style::Warning, &wrap(&told, out.width(), "", "")))?;
    }
    Ok(())
}
