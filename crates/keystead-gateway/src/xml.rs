use serde_json::Value;

/// Turns a JSON answer into the service's XML: fields become elements, list members repeat their element.
///
/// Returns `None` when a text holds a character that XML 1.0 cannot carry.
pub(crate) fn from_json(root: &str, value: &Value) -> Option<String> {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    element(&mut xml, root, value)?;
    Some(xml)
}

fn element(xml: &mut String, name: &str, value: &Value) -> Option<()> {
    match value {
        Value::Array(items) => {
            for item in items {
                element(xml, name, item)?;
            }
            return Some(());
        }
        Value::Null => return Some(()),
        _ => {}
    }
    xml.push('<');
    xml.push_str(name);
    xml.push('>');
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                element(xml, name, value)?;
            }
        }
        Value::String(text) => escape(xml, text)?,
        Value::Bool(_) | Value::Number(_) => xml.push_str(&value.to_string()),
        Value::Null | Value::Array(_) => {}
    }
    xml.push_str("</");
    xml.push_str(name);
    xml.push('>');
    Some(())
}

fn escape(xml: &mut String, text: &str) -> Option<()> {
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            // A reader turns a bare carriage return into a line feed.
            '\r' => xml.push_str("&#13;"),
            '\t' | '\n' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => xml.push(c),
            _ => return None,
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::from_json;
    use serde_json::json;

    #[test]
    fn lists_repeat_and_text_is_escaped() {
        let value =
            json!({"Keys": {"Key": [{"KeyId": "a<&>"}, {"KeyId": "b"}]}, "PageSize": 10, "Value": true});
        assert_eq!(
            from_json("ListKeysResponse", &value).as_deref(),
            Some(concat!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListKeysResponse><Keys><Key><KeyId>a&lt;&amp;&gt;</KeyId></Key>",
                "<Key><KeyId>b</KeyId></Key></Keys><PageSize>10</PageSize><Value>true</Value></ListKeysResponse>"
            ))
        );
        assert_eq!(from_json("R", &json!({"Plaintext": "\u{1}"})), None);
    }
}
