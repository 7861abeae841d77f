//! The expressions of GitHub's workflows, like `${{ github.ref_name }}`.

use serde_json::Value;

/// Replaces the expressions in `text`, like `${{ matrix.base }}`.
pub(crate) fn expand(text: &str, context: &Value) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, after) = after.split_once("}}").unwrap();
        expanded += before;
        expanded += &evaluate(expression, context);
        rest = after;
    }
    expanded + rest
}

/// The value of an expression with `||`, `&&`, `==`, `!=` and `!`, which bind in this order.
fn evaluate(expression: &str, context: &Value) -> String {
    let expression = expression.trim();
    let value = |part: &str| evaluate(part, context);
    let holds = |value: &str| !["", "false"].contains(&value);
    if let Some((one, other)) = expression.split_once("||") {
        let one = value(one);
        return if holds(&one) { one } else { value(other) };
    }
    if let Some((one, other)) = expression.split_once("&&") {
        let one = value(one);
        return if holds(&one) { value(other) } else { one };
    }
    if let Some((one, other)) = expression.split_once("==") {
        return (value(one) == value(other)).to_string();
    }
    if let Some((one, other)) = expression.split_once("!=") {
        return (value(one) != value(other)).to_string();
    }
    if let Some(one) = expression.strip_prefix('!') {
        return (!holds(&value(one))).to_string();
    }
    match expression.strip_prefix('\'') {
        Some(word) => word.trim_end_matches('\'').to_owned(),
        None => lookup(expression, context).unwrap_or_default(),
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
