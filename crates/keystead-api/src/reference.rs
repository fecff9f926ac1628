//! The reference pages, rendered from the operations' definitions.
//!
//! One Markdown page per operation and an index. The text depends on nothing but the definitions and the list of
//! operations that are not built yet, so that a check can compare the pages in the repository with it.

mod instance;

use std::fmt::{self, Write as _};

use crate::{
    AccessRule, ApiError, ErrorCode, Field, Gateways, OperationDef, OperationId, ParamShape, ParameterDef,
    Placement, Product, Repeat, ResourceRule, Shape,
};

/// Renders every page: file name and Markdown, the index `README.md` first, then the operations by product and name. Those
/// that are not KMS's stand in a folder of their product.
///
/// `undone` names the operations that are not built yet, as labels (`CreateKey`, `Ram.CreateUser`).
pub fn pages(undone: &[&str]) -> Vec<(String, String)> {
    let index = ("README.md".to_owned(), render(|out| write_index(out, undone)));
    std::iter::once(index)
        .chain(
            OperationId::all()
                .map(|def| (file_name(def), render(|out| write_page(out, def, is_built(undone, def))))),
        )
        .collect()
}

fn is_built(undone: &[&str], def: &OperationDef) -> bool {
    !undone.contains(&def.label().as_str())
}

fn file_name(def: &OperationDef) -> String {
    match product_command(def.product) {
        None => format!("{}.md", def.snake_name),
        Some(product) => format!("{product}/{}.md", def.snake_name),
    }
}

/// The command under which a product's operations stand on the command line; none for KMS, whose operations are commands
/// themselves.
pub fn product_command(product: Product) -> Option<&'static str> {
    match product {
        Product::Kms => None,
        Product::Ram => Some("ram"),
        Product::Ims => Some("ims"),
        Product::Sts => Some("sts"),
        Product::Instance => Some("instance-api"),
    }
}

/// The operation's name on the command line, `generate-data-key`; behind that of its product when there is one.
pub fn command_name(def: &OperationDef) -> String {
    def.snake_name.replace('_', "-")
}

/// The parameter's flag on the command line without its dashes, `key-id`.
pub fn flag_name(parameter: &ParameterDef) -> String {
    parameter.field.replace('_', "-")
}

/// Whether the parameter's value is a secret, which the command line also reads from a file.
pub fn is_secret(parameter: &ParameterDef) -> bool {
    parameter.secret
}

const GENERATED: &str =
    "<!-- Made from the definitions in crates/keystead-api; `cargo xtask docs` writes it again. -->";

/// What the service may answer to any call, beside an operation's own errors: what is wrong with the request, its signature or its
/// caller, a permission that is not given, throttling, and the service's own trouble.
pub const COMMON_ERRORS: &[ErrorCode] = &[
    ErrorCode::InvalidActionNotFound,
    ErrorCode::InvalidVersion,
    ErrorCode::UnsupportedHttpMethod,
    ErrorCode::InvalidParameterFormat,
    ErrorCode::ParseRequestParameterException,
    ErrorCode::InvalidAccessKeyIdNotFound,
    ErrorCode::InvalidAccessKeyIdInactive,
    ErrorCode::IncompleteSignature,
    ErrorCode::InvalidSignatureMethod,
    ErrorCode::SignatureDoesNotMatch,
    ErrorCode::SignatureNonceUsed,
    ErrorCode::IllegalTimestamp,
    ErrorCode::InvalidTimeStampFormat,
    ErrorCode::InvalidTimeStampExpired,
    ErrorCode::MissingSecurityToken,
    ErrorCode::InvalidSecurityTokenMalformed,
    ErrorCode::InvalidSecurityTokenExpired,
    ErrorCode::InvalidSecurityTokenMismatchWithAccessKey,
    ErrorCode::ForbiddenNoPermission,
    ErrorCode::UnsupportedOperation,
    ErrorCode::RejectedThrottling,
    ErrorCode::InternalFailure,
    ErrorCode::ServiceUnavailable,
    ErrorCode::ServiceUnavailableTemporary,
];

fn render(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
    let mut out = String::new();
    // Writing into a string does not fail.
    let _ = write(&mut out);
    out
}

fn write_index(out: &mut String, undone: &[&str]) -> fmt::Result {
    writeln!(out, "{GENERATED}\n\n# Operations\n")?;
    writeln!(
        out,
        "Four APIs are served at one address; the version of a request tells them apart. [docs/ram.md](../ram.md) is about \
         RAM, IMS and STS. The fifth is that of instances, at an address of their own: \
         [docs/instance-api.md](../instance-api.md)."
    )?;
    for product in Product::ALL {
        let of_product = || OperationId::all().filter(move |def| def.product == product);
        let built = of_product().filter(|def| is_built(undone, def)).count();
        let name = match product {
            Product::Kms => "KMS",
            Product::Ram => "RAM",
            Product::Ims => "IMS",
            Product::Sts => "STS",
            Product::Instance => "Instance API",
        };
        writeln!(
            out,
            "\n## {name}\n\nAPI version {}: {} operations, {built} of them built.\n",
            product.version(),
            of_product().count()
        )?;
        writeln!(out, "| Operation | What it does | Gateways | Repeating | Built |\n|---|---|---|---|---|")?;
        for def in of_product() {
            write_row(out, def, is_built(undone, def))?;
        }
    }
    writeln!(out, "\n## Gateways\n")?;
    writeln!(
        out,
        "The shared gateway serves every operation for all accounts of a region. A dedicated gateway belongs to one \
         instance and serves those marked `both`.\n"
    )?;
    writeln!(out, "## Repeating\n")?;
    writeln!(
        out,
        "A call that is `safe` may be sent again when its outcome is unknown, for instance after a lost connection: \
         twice does the same as once. One that is `unsafe` may be sent again only when it surely was not processed.\n"
    )?;
    writeln!(out, "## Errors of every operation\n")?;
    writeln!(
        out,
        "Beside its own errors, an operation may answer with these. A call that needs a parameter and lacks it gets \
         400 `Missing<Parameter>`.\n"
    )?;
    write_errors(out, COMMON_ERRORS)
}

fn write_row(out: &mut String, def: &OperationDef, built: bool) -> fmt::Result {
    let gateways = match def.gateways {
        Gateways::Shared => "shared",
        Gateways::Both => "both",
        Gateways::Dedicated => "dedicated",
    };
    let repeat = match def.repeat {
        Repeat::Safe => "safe",
        Repeat::Unsafe => "unsafe",
    };
    writeln!(
        out,
        "| [{name}]({file}) | {doc} | {gateways} | {repeat} | {built} |",
        name = def.name,
        file = file_name(def),
        doc = cell(first_sentence(&text(def.doc))),
        built = if built { "yes" } else { "no" },
    )
}

fn write_page(out: &mut String, def: &OperationDef, built: bool) -> fmt::Result {
    if def.product == Product::Instance {
        return instance::write_page(out, def);
    }
    writeln!(out, "{GENERATED}\n\n# {}\n\n{}\n", def.name, text(def.doc))?;
    if !built {
        writeln!(out, "**Not built.** The service refuses it.\n")?;
    }
    writeln!(out, "| | |\n|---|---|")?;
    writeln!(out, "| Action | `{}`, version `{}` |", def.name, def.version())?;
    writeln!(out, "| HTTP method | SDKs send `{}`; the service takes GET and POST |", def.method.name())?;
    writeln!(
        out,
        "| Gateways | {} |",
        match def.gateways {
            Gateways::Shared => "shared gateway only",
            Gateways::Both => "shared gateway and dedicated gateways of instances",
            Gateways::Dedicated => "dedicated gateways of instances only",
        }
    )?;
    writeln!(
        out,
        "| Repeating | {} |",
        match def.repeat {
            Repeat::Safe => "safe: sending it twice does the same as sending it once",
            Repeat::Unsafe => "unsafe: send it again only when it surely was not processed",
        }
    )?;
    write_access(out, def)?;
    write_parameters(out, def)?;
    write_answer(out, def)?;
    write_own_errors(out, def)?;
    write_rust(out, def)?;
    write_command(out, def)
}

fn write_access(out: &mut String, def: &OperationDef) -> fmt::Result {
    writeln!(out, "\n## Permission\n")?;
    if def.access.is_empty() {
        return writeln!(out, "None: every caller with valid credentials may call it.");
    }
    writeln!(out, "The caller needs {}:\n", if def.access.len() == 1 { "this" } else { "all of these" })?;
    writeln!(out, "| RAM action | Resource |\n|---|---|")?;
    for AccessRule { action, resource } in def.access {
        writeln!(out, "| `{action}` | {} |", cell(&resource_in_words(def, *resource)))?;
    }
    Ok(())
}

/// The resource's ARN and how it follows from the request.
fn resource_in_words(def: &OperationDef, rule: ResourceRule) -> String {
    let arn = |rest: &str| match def.product.arn_service() {
        "kms" => format!("`acs:kms:<region>:<account>:{rest}`"),
        service => format!("`acs:{service}:*:<account>:{rest}`"),
    };
    let optional =
        |name: &str| def.parameters.iter().any(|parameter| parameter.name == name && !parameter.required);
    let given = |name: &str| if optional(name) { ", when it is given" } else { "" };
    match rule {
        ResourceRule::Any => "`*`".to_owned(),
        ResourceRule::Container(kind) => format!("{}, all of the account", arn(kind)),
        ResourceRule::Key(name) | ResourceRule::KeyIfGiven(name) => {
            format!("{}, the key that `{name}` names{}", arn("key/<key id>"), given(name))
        }
        ResourceRule::KeyOfCiphertext(name) => format!("{}, the key that made `{name}`", arn("key/<key id>")),
        ResourceRule::KeyOfAlias(name) => {
            format!("{}, the key to which `{name}` points before the call", arn("key/<key id>"))
        }
        ResourceRule::Alias(name) => {
            format!("{}, the alias that `{name}` names{}", arn("alias/<alias name>"), given(name))
        }
        ResourceRule::Secret(name) | ResourceRule::SecretIfGiven(name) => {
            format!("{}, the secret that `{name}` names{}", arn("secret/<secret name>"), given(name))
        }
        ResourceRule::KeyOfSecret(name) => format!(
            "{}, the key that protects the secret that `{name}` names, when its owner chose one",
            arn("key/<key id>")
        ),
        ResourceRule::EachSecret(name) => {
            format!("{}, each secret that `{name}` names", arn("secret/<secret name>"))
        }
        ResourceRule::EachTagged(name) => format!(
            "{} or {}, each that `{name}` names{}",
            arn(if def.product == Product::Kms { "key/<key id>" } else { "role/<role name>" }),
            arn(if def.product == Product::Kms { "secret/<secret name>" } else { "policy/<policy name>" }),
            if optional(name) { "; all of that type when it names none" } else { "" }
        ),
        ResourceRule::Named(kind, name) => format!("{}{}", arn(&format!("{kind}/<{name}>")), given(name)),
        ResourceRule::NamedOrSelf(kind, name) => {
            format!("{}; the caller when `{name}` is left out", arn(&format!("{kind}/<{name}>")))
        }
        ResourceRule::RoleOfArn(name) => format!("{}, the role that `{name}` names", arn("role/<role name>")),
    }
}

fn write_parameters(out: &mut String, def: &OperationDef) -> fmt::Result {
    writeln!(out, "\n## Parameters\n")?;
    if def.parameters.is_empty() {
        return writeln!(out, "None.");
    }
    writeln!(out, "| Name | Type | Required | Sent in | Meaning |\n|---|---|---|---|---|")?;
    for parameter in def.parameters {
        writeln!(
            out,
            "| `{}` | {} | {} | {} | {} |",
            parameter.name,
            cell(&parameter_type(parameter)),
            if parameter.required { "yes" } else { "no" },
            match parameter.placement {
                Placement::Query => "query",
                Placement::Form => "form",
            },
            cell(&text(parameter.doc)),
        )?;
    }
    Ok(())
}

fn parameter_type(parameter: &ParameterDef) -> String {
    let name = parameter.name;
    let list =
        |fields: &[&str]| fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ");
    match parameter.shape {
        ParamShape::String => "string".to_owned(),
        ParamShape::Integer => "integer".to_owned(),
        ParamShape::Boolean => "boolean".to_owned(),
        ParamShape::JsonMap => "JSON object as text".to_owned(),
        ParamShape::JsonList(fields) => format!("JSON array as text, of objects with {}", list(fields)),
        ParamShape::List => format!("list of strings: `{name}.1`, `{name}.2`, …"),
        ParamShape::ObjectList(fields) => {
            let first =
                fields.iter().map(|field| format!("`{name}.1.{field}`")).collect::<Vec<_>>().join(", ");
            format!("list of objects: {first}, …")
        }
        ParamShape::FlatObject(fields) => {
            let keys =
                fields.iter().map(|field| format!("`{name}.{field}.<key>`")).collect::<Vec<_>>().join(", ");
            format!("object: {keys}")
        }
    }
}

fn write_answer(out: &mut String, def: &OperationDef) -> fmt::Result {
    writeln!(out, "\n## Answer\n\n| Field | Type | Meaning |\n|---|---|---|")?;
    write_fields(out, "", def.response)
}

fn write_fields(out: &mut String, head: &str, fields: &[Field]) -> fmt::Result {
    for field in fields {
        let path = format!("{head}{}", field.name);
        writeln!(out, "| `{path}` | {} | {} |", shape_name(field.shape), cell(&text(field.doc)))?;
        match field.shape {
            Shape::Object(inner) => write_fields(out, &format!("{path}."), inner)?,
            Shape::Array(Shape::Object(inner)) => write_fields(out, &format!("{path}[]."), inner)?,
            _ => {}
        }
    }
    Ok(())
}

fn shape_name(shape: Shape) -> String {
    match shape {
        Shape::String => "string".to_owned(),
        Shape::Integer => "integer".to_owned(),
        Shape::Boolean => "boolean".to_owned(),
        Shape::Array(item) => format!("array of {}s", shape_name(*item)),
        Shape::Object(_) => "object".to_owned(),
    }
}

fn write_own_errors(out: &mut String, def: &OperationDef) -> fmt::Result {
    writeln!(out, "\n## Errors\n")?;
    let missing =
        def.parameters.iter().filter(|parameter| parameter.required).map(|p| ErrorCode::Missing(p.name));
    let own: Vec<_> = missing.chain(def.errors.iter().copied()).collect();
    let index = if def.product == Product::Kms { "README.md" } else { "../README.md" };
    let of_every = format!("[errors of every operation]({index}#errors-of-every-operation)");
    if own.is_empty() {
        return writeln!(out, "The {of_every}.");
    }
    write_errors(out, &own)?;
    if matches!(def.product, Product::Ram | Product::Ims) && !def.parameters.is_empty() {
        writeln!(
            out,
            "\nWhere it is known what is wrong with a parameter, the code says so: `InvalidParameter.<Parameter>`, with \
             `.InvalidChars`, `.Length` or `.Format` behind it."
        )?;
    }
    writeln!(out, "\nAlso the {of_every}.")
}

fn write_errors(out: &mut String, codes: &[ErrorCode]) -> fmt::Result {
    writeln!(out, "| Code | HTTP status | Message |\n|---|---|---|")?;
    for code in codes {
        writeln!(
            out,
            "| `{}` | {} | {} |",
            code.name(),
            code.status(),
            cell(ApiError::new(*code).message())
        )?;
    }
    Ok(())
}

fn write_rust(out: &mut String, def: &OperationDef) -> fmt::Result {
    let arguments: Vec<_> = def.parameters.iter().filter(|p| p.required).map(|p| p.field).collect();
    writeln!(out, "\n## In Rust\n\n```rust")?;
    let (module, accessor) = match product_command(def.product) {
        None => (String::new(), String::new()),
        Some(product) => (format!("{product}::"), format!("{product}().")),
    };
    writeln!(out, "let request = {module}{}Request::new({});", def.name, arguments.join(", "))?;
    writeln!(out, "let answer = client.{accessor}{}(request).await?;\n```", def.snake_name)?;
    let setters: Vec<_> =
        def.parameters.iter().filter(|p| !p.required).map(|p| format!("`{}`", p.field)).collect();
    if !setters.is_empty() {
        writeln!(out, "\nThe request has a method for each optional parameter: {}.", setters.join(", "))?;
    }
    Ok(())
}

fn write_command(out: &mut String, def: &OperationDef) -> fmt::Result {
    writeln!(
        out,
        "\n## On the command line\n\n```sh\nkeystead {}{}{}\n```",
        product_command(def.product).map(|product| format!("{product} ")).unwrap_or_default(),
        command_name(def),
        render(|line| {
            for parameter in def.parameters {
                let flag = format!("--{} {}", flag_name(parameter), placeholder(parameter));
                // A line per flag reads better than one that has to be scrolled.
                if parameter.required {
                    write!(line, " \\\n  {flag}")?;
                } else {
                    write!(line, " \\\n  [{flag}]")?;
                }
            }
            Ok(())
        })
    )?;
    for parameter in def.parameters.iter().filter(|parameter| is_secret(parameter)) {
        let flag = flag_name(parameter);
        writeln!(
            out,
            "\nInstead of `--{flag}`, which other users of the machine may see, `--{flag}-file PATH` reads the value from a \
             file, and `--{flag}-file -` from standard input."
        )?;
    }
    for parameter in def.parameters.iter().filter(|parameter| parameter.shape == ParamShape::List) {
        writeln!(out, "\n`--{}` is repeated for each value.", flag_name(parameter))?;
    }
    Ok(())
}

fn placeholder(parameter: &ParameterDef) -> &'static str {
    match parameter.shape {
        ParamShape::String | ParamShape::List => "TEXT",
        ParamShape::Integer => "NUMBER",
        ParamShape::Boolean => "true|false",
        ParamShape::JsonMap
        | ParamShape::JsonList(_)
        | ParamShape::ObjectList(_)
        | ParamShape::FlatObject(_) => "JSON",
    }
}

/// Doc comments come as lines with a space in front.
fn text(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}

/// Text for a table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::borrow::Cow;
    use std::collections::BTreeSet;

    use super::{is_secret, pages};
    use crate::{OPERATIONS, Operation, OperationId, ParamShape, Params, WireRequest};

    fn page(undone: &[&str], name: &str) -> String {
        pages(undone).into_iter().find(|(file, _)| file == name).expect("the page exists").1
    }

    #[test]
    fn a_page_holds_what_a_caller_needs() {
        let page = page(&[], "encrypt.md");
        for part in [
            "# Encrypt\n",
            "6,144 bytes",
            "| Action | `Encrypt`, version `2016-01-20` |",
            "shared gateway and dedicated gateways",
            "| Repeating | safe",
            "| `kms:Encrypt` | `acs:kms:<region>:<account>:key/<key id>`, the key that `KeyId` names |",
            "| `Plaintext` | string | yes | query |",
            "| `EncryptionContext` | JSON object as text | no | query |",
            "| `CiphertextBlob` | string |",
            "| `RequestId` | string |",
            "| `MissingKeyId` | 400 | KeyId is mandatory for this action. |",
            "| `Forbidden.KeyNotFound` | 404 | The specified Key is not found. |",
            "EncryptRequest::new(key_id, plaintext)",
            "client.encrypt(request).await?",
            "keystead encrypt \\\n  --key-id TEXT \\\n  --plaintext TEXT \\\n  [--dry-run TEXT]",
            "`--plaintext-file -` from standard input",
        ] {
            assert!(page.contains(part), "{part:?} is not in:\n{page}");
        }
        assert!(!page.contains("Not built."));
    }

    #[test]
    fn nested_answers_lists_and_forms_are_spelled_out() {
        let list = page(&[], "list_keys.md");
        assert!(list.contains("| `Keys.Key[].KeyArn` | string |"), "{list}");
        let tags = page(&[], "tag_resources.md");
        assert!(tags.contains("`Tag.1.Key`, `Tag.1.Value`"), "{tags}");
        assert!(tags.contains("`--resource-id` is repeated"), "{tags}");
        let secret = page(&[], "create_secret.md");
        assert!(secret.contains("| `SecretData` | string | yes | form |"), "{secret}");
        assert!(page(&[], "describe_regions.md").contains("every caller with valid credentials"));
    }

    #[test]
    fn the_index_links_every_page_and_says_what_is_built() {
        let pages = pages(&["GetChallenge"]);
        let index = &pages[0].1;
        assert_eq!(pages.len(), OperationId::COUNT + 1);
        assert_eq!(pages.iter().map(|(file, _)| file).collect::<BTreeSet<_>>().len(), pages.len());
        for def in OPERATIONS {
            let row = format!("| [{}]({}.md) |", def.name, def.snake_name);
            let line = index.lines().find(|line| line.starts_with(&row)).expect(def.name);
            assert!(line.ends_with(if def.name == "GetChallenge" { "| no |" } else { "| yes |" }), "{line}");
        }
        assert!(page(&["GetChallenge"], "get_challenge.md").contains("**Not built.**"));
        assert!(index.contains("| [CreateUser](ram/create_user.md) |"), "{index}");
        assert_eq!(pages, super::pages(&["GetChallenge"]));
    }

    #[test]
    fn pages_of_other_products_stand_in_their_folders() {
        let page = page(&["Ram.CreateUser"], "ram/create_user.md");
        for part in [
            "version `2015-05-01`",
            "**Not built.**",
            "(../README.md#errors-of-every-operation)",
            "ram::CreateUserRequest::new(user_name)",
            "client.ram().create_user(request)",
            "keystead ram create-user \\\n  --user-name TEXT",
            "`acs:ram:*:<account>:user/<UserName>`",
            "`InvalidParameter.<Parameter>`",
        ] {
            assert!(page.contains(part), "{part:?} is not in:\n{page}");
        }
    }

    #[test]
    fn every_row_of_a_table_has_the_columns_of_its_head() {
        for (file, page) in pages(&[]) {
            let mut columns = None;
            for line in page.lines() {
                if !line.starts_with('|') {
                    columns = None;
                    continue;
                }
                let count = line.replace("\\|", "").matches('|').count();
                assert_eq!(*columns.get_or_insert(count), count, "{file}: {line}");
            }
        }
    }

    /// Reads a request with a value for every parameter and sees in its `Debug` text which fields are redacted.
    fn redacted<O: Operation>() -> BTreeSet<&'static str>
    where
        O::Request: std::fmt::Debug,
    {
        let pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> = O::DEF
            .parameters
            .iter()
            .map(|parameter| {
                let (name, value) = match parameter.shape {
                    ParamShape::String => (parameter.name.to_owned(), "text"),
                    ParamShape::Integer => (parameter.name.to_owned(), "1"),
                    ParamShape::Boolean => (parameter.name.to_owned(), "true"),
                    ParamShape::JsonMap => (parameter.name.to_owned(), "{}"),
                    ParamShape::JsonList(_) => (parameter.name.to_owned(), "[]"),
                    ParamShape::List => (format!("{}.1", parameter.name), "text"),
                    ParamShape::ObjectList(fields) => (format!("{}.1.{}", parameter.name, fields[0]), "text"),
                    ParamShape::FlatObject(fields) => (format!("{}.{}", parameter.name, fields[0]), "{}"),
                };
                (name.into(), value.into())
            })
            .collect();
        let debug = format!("{:?}", O::Request::read(Params::new(&pairs)).expect(O::DEF.name));
        O::DEF
            .parameters
            .iter()
            .filter(|parameter| {
                ["", "SecretBase64(", "Some(", "Some(SecretBase64("]
                    .iter()
                    .any(|around| debug.contains(&format!(" {}: {around}SecretText(", parameter.field)))
            })
            .map(|parameter| parameter.name)
            .collect()
    }

    #[test]
    fn secret_parameters_are_those_with_a_secret_type() {
        macro_rules! check {
            ($($module:ident $name:ident,)*) => {
                $({
                    let def = crate::operations::$name::DEF;
                    let named: BTreeSet<_> =
                        def.parameters.iter().filter(|p| is_secret(p)).map(|p| p.name).collect();
                    assert_eq!(redacted::<crate::operations::$name>(), named, "{}", def.name);
                })*
            };
        }
        crate::for_each_operation!(check);
    }
}
