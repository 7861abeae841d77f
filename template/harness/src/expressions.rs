//! The expressions of GitHub's workflows, like `${{ github.ref_name }}`.

use serde_json::Value;

/// Replaces the expressions in `text`.
pub(crate) fn expand(text: &str, context: &Value) -> String {
    let Some((before, rest)) = text.split_once("${{") else { return text.to_owned() };
    let (expression, after) = rest.split_once("}}").unwrap();
    before.to_owned() + &evaluate(expression, context) + &expand(after, context)
}

/// The value of an expression with `||`, `&&`, `==`, `!=` and `!`, which bind in this order.
fn evaluate(expression: &str, context: &Value) -> String {
    let expression = expression.trim();
    let value = |part: &str| evaluate(part, context);
    let sides = |operator: &str| {
        let (one, other) = expression.split_once(operator)?;
        Some((value(one), value(other)))
    };
    let holds = |value: &str| !["", "false"].contains(&value);
    if let Some((one, other)) = sides("||") {
        if holds(&one) { one } else { other }
    } else if let Some((one, other)) = sides("&&") {
        if holds(&one) { other } else { one }
    } else if let Some((one, other)) = sides("==") {
        (one == other).to_string()
    } else if let Some((one, other)) = sides("!=") {
        (one != other).to_string()
    } else if let Some(negated) = expression.strip_prefix('!') {
        (!holds(&value(negated))).to_string()
    } else if let Some(word) = expression.strip_prefix('\'') {
        word.trim_end_matches('\'').to_owned()
    } else {
        lookup(expression, context).unwrap_or_default()
    }
}

/// The value at a path like `github.repository`.
pub(crate) fn lookup(path: &str, context: &Value) -> Option<String> {
    let pointer = format!("/{}", path.replace('.', "/"));
    Some(text(context.pointer(&pointer)?))
}

/// A scalar as text. Empty if it is null.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
