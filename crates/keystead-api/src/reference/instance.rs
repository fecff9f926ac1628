//! The pages of the instance API: messages in place of parameters, and no command.

use std::fmt::{self, Write as _};

use super::{GENERATED, cell, text, write_access, write_errors};
use crate::instance::{InstanceMessage, InstanceOperation, MessageField, operations};
use crate::{OperationDef, OperationId, for_each_instance_operation};

pub(super) fn write_page(out: &mut String, def: &OperationDef) -> fmt::Result {
    let (request, response) = messages(def.id);
    writeln!(out, "{GENERATED}\n\n# {}\n\n{}\n", def.name, text(def.doc))?;
    writeln!(out, "| | |\n|---|---|")?;
    writeln!(out, "| Operation | `x-kms-apiname: {}`, version `{}` |", def.name, def.version())?;
    writeln!(
        out,
        "| HTTP | `POST /` with the request message, see [docs/instance-api.md](../../instance-api.md) |"
    )?;
    writeln!(out, "| Gateways | dedicated gateways of instances only |")?;
    writeln!(out, "| Repeating | safe: sending it twice does the same as sending it once |")?;
    write_access(out, def)?;
    writeln!(
        out,
        "\nAn application has it by a policy of its access point, see [docs/access-points.md](../../access-points.md)."
    )?;
    writeln!(
        out,
        "\n## `{}Request`\n\n| Field | Number | Type | Required | Meaning |\n|---|---|---|---|---|",
        def.name
    )?;
    for field in request {
        let required =
            def.parameters.iter().any(|parameter| parameter.name == field.name && parameter.required);
        let required = if required { "yes" } else { "no" };
        writeln!(
            out,
            "| `{}` | {} | {} | {required} | {} |",
            field.name,
            field.number,
            field.kind,
            cell(&text(field.doc))
        )?;
    }
    writeln!(out, "\n## `{}Response`\n\n| Field | Number | Type | Meaning |\n|---|---|---|---|", def.name)?;
    for field in response {
        writeln!(
            out,
            "| `{}` | {} | {} | {} |",
            field.name,
            field.number,
            field.kind,
            cell(&text(field.doc))
        )?;
    }
    writeln!(out, "\n## Errors\n")?;
    write_errors(out, def.errors)?;
    writeln!(
        out,
        "\nAlso the [errors of every call of the instance API](../../instance-api.md#errors); texts there name what they are \
         about.\n\n## In Rust\n\n```rust\nlet request = {name}Request {{ {first}, ..Default::default() }};\nlet answer = \
         client.{snake}(request).await?;\n```",
        name = def.name,
        first = request.iter().map(example).next().unwrap_or_default(),
        snake = def.snake_name
    )
}

/// A field with a value, as Rust has it.
fn example(field: &MessageField) -> String {
    let mut name = String::new();
    for (at, letter) in field.name.char_indices() {
        if letter.is_ascii_uppercase() && at > 0 {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    match field.kind {
        "bytes" => format!("{name}: bytes"),
        "int32" => format!("{name}: 32"),
        _ => format!("{name}: {:?}.into()", if name == "key_id" { "alias/app" } else { "name" }),
    }
}

/// The fields of an operation's two messages.
fn messages(id: OperationId) -> (&'static [MessageField], &'static [MessageField]) {
    macro_rules! of {
        ($($method:ident $name:ident $id:ident,)*) => {
            match id {
                $(OperationId::$id => (
                    <operations::$name as InstanceOperation>::Request::FIELDS,
                    <operations::$name as InstanceOperation>::Response::FIELDS,
                ),)*
                _ => (&[], &[]),
            }
        };
    }
    for_each_instance_operation!(of)
}
