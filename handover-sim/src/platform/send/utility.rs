//! Utility messages: approved templates with parameters.

use super::super::Refusal;
use super::super::graph::Records;
use super::super::parameter::Parameter;
use super::draft::AppMessage;
use super::sender::CallSender;

pub(super) fn read(
    template: &Parameter<'_>,
    sender: &CallSender<'_>,
    records: &Records,
) -> Result<AppMessage, Refusal> {
    let name = template.at("name").words(usize::MAX)?;
    let language = template.at("language").needed_object()?;
    let language = language.at("code").words(usize::MAX)?;
    let mut gaps = Vec::new();
    for component in template.at("components").list(0..=usize::MAX)? {
        for parameter in component.at("parameters").list(0..=usize::MAX)? {
            gaps.push(parameter.at("text").words(usize::MAX)?);
        }
    }
    let approved = records
        .template(&name, &language, sender.account)
        .ok_or_else(|| {
            template
                .at("name")
                .wrong("be the name of an approved template")
        })?;
    if approved.gaps() != gaps.len() {
        return Err(template.at("components").wrong(format_args!(
            "fill in {} gaps, not {}",
            approved.gaps(),
            gaps.len()
        )));
    }
    Ok(AppMessage {
        text: Some(approved.filled(&gaps)),
        ..AppMessage::default()
    })
}
