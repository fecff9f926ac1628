//! A command for every operation, made from the operations' definitions.
//!
//! `keystead encrypt --key-id alias/app --plaintext-file -` calls `Encrypt` and prints the answer as JSON. Names, flags and
//! help come from [`keystead_api::OPERATIONS`]; nothing about an operation is written down here.

use std::io::{Read, Write};

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command, value_parser};
use keystead_api::reference::{command_name, flag_name, is_secret, product_command};
use keystead_api::{
    Field, IDENTITY_OPERATIONS, OPERATIONS, OperationDef, ParamShape, ParameterDef, Product, Shape,
};
use keystead_client::RawAnswer;
use serde_json::Value;
use zeroize::Zeroizing;

pub(crate) mod connection;
mod parameters;

/// What a command reads and writes, besides the service: handed in, so that a test can look at it.
pub struct Io<'a> {
    /// Standard input, for `--<parameter>-file -`.
    pub stdin: &'a mut dyn Read,
    /// Whether standard input is a terminal.
    pub stdin_is_terminal: bool,
    /// Where the answer is printed.
    pub stdout: &'a mut dyn Write,
    /// Reads an environment variable.
    pub env: &'a dyn Fn(&str) -> Option<String>,
}

/// Why a command failed. `Display` is the line for standard error; it holds no parameter and no part of an answer.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The command line, the environment or a file named there cannot be used.
    #[error("{0}")]
    Usage(String),
    /// The call failed.
    #[error("{}", called(.0))]
    Call(#[from] keystead_client::Error),
    /// There are no credentials in a secret.
    #[error("{0}")]
    Credentials(String),
    /// The answer lacks the field that was asked for; it is optional.
    #[error("the answer has no {0}")]
    NoField(String),
    /// The answer could not be printed.
    #[error("the answer cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

impl CliError {
    /// The process's exit code: 2 for usage, 1 for everything else.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Call(_) | Self::Credentials(_) | Self::NoField(_) | Self::Output(_) => 1,
        }
    }
}

/// One command per operation of KMS, named in kebab case, in the order of [`OPERATIONS`]; and one for each other product,
/// with a command per operation below it.
pub fn commands() -> Vec<Command> {
    let others = Product::ALL.into_iter().filter_map(|product| Some((product, product_command(product)?)));
    OPERATIONS
        .iter()
        .copied()
        .map(command)
        .chain(others.map(|(product, name)| of_product(product, name)))
        .collect()
}

fn of_product(product: Product, name: &'static str) -> Command {
    let about = match product {
        Product::Kms => "Keys and secrets",
        Product::Ram => "Users, groups, roles, policies and AccessKeys",
        Product::Ims => "OIDC providers",
        Product::Sts => "Temporary keys",
        Product::Instance => "The instance API",
    };
    let operations = IDENTITY_OPERATIONS.iter().copied().filter(|def| def.product == product);
    Command::new(name)
        .about(about)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(operations.map(command))
}

/// Whether a command has the operations of a product below it.
pub fn is_product(command: &str) -> bool {
    Product::ALL.into_iter().any(|product| product_command(product) == Some(command))
}

/// The operation of a product's command and of the command below it.
pub fn find_in<'m>(
    product: &str,
    matches: &'m ArgMatches,
) -> Option<(&'static OperationDef, &'m ArgMatches)> {
    let (name, matches) = matches.subcommand()?;
    let of_product = |def: &&OperationDef| product_command(def.product) == Some(product);
    let mut operations = IDENTITY_OPERATIONS.iter().copied().filter(of_product);
    Some((operations.find(|def| command_name(def) == name)?, matches))
}

/// The operation of a command's name.
pub fn find(command: &str) -> Option<&'static OperationDef> {
    OPERATIONS.iter().copied().find(|def| command_name(def) == command)
}

/// Calls the operation with the flags of its command and prints the answer.
///
/// # Errors
/// [`CliError`]; nothing is printed then.
pub async fn run(def: &'static OperationDef, matches: &ArgMatches, io: &mut Io<'_>) -> Result<(), CliError> {
    let query = matches.get_one::<String>("query").map(String::as_str);
    let as_text = match matches.get_one::<String>("output").map(String::as_str) {
        Some(output) => output == "text",
        None => query.is_some(),
    };
    // Before the call: a slip in a field's name must not cost the answer of a call that cannot be repeated.
    match query {
        Some(path) if !is_in(def.response, path) => {
            return Err(CliError::Usage(format!("{} gives no field {path}", def.name)));
        }
        None if as_text => return Err(CliError::Usage("--output text needs --query FIELD".to_owned())),
        _ => {}
    }
    let client = connection::client(matches, io.env, connection::Fallback::None)?;
    let params = parameters::read(def, matches, io)?;
    let answer = client.call_raw(def, params).await?;
    let text = rendered(&answer, query, as_text)?;
    io.stdout.write_all(text.as_bytes())?;
    io.stdout.write_all(b"\n")?;
    Ok(io.stdout.flush()?)
}

fn command(def: &'static OperationDef) -> Command {
    let doc = one_line(def.doc);
    let command = Command::new(command_name(def))
        .about(first_sentence(&doc).to_owned())
        .long_about(doc.clone())
        .args(def.parameters.iter().flat_map(flags))
        .groups(def.parameters.iter().filter(|parameter| parameters::is_text(parameter)).map(flag_or_file));
    connection::flags(command.next_help_heading("Connection"))
        .next_help_heading("Answer")
        .arg(
            Arg::new("output")
                .long("output")
                .value_name("FORM")
                .value_parser(PossibleValuesParser::new(["json", "text"]))
                .help("json (default), or text, the bare value of the field that --query names"),
        )
        .arg(Arg::new("query").long("query").value_name("FIELD").help(
            "Print only this field, such as KeyMetadata.KeyId or Keys.Key.0.KeyId; as text unless --output says json",
        ))
}

/// The flag of a parameter and, for text, the one that names a file with the value.
fn flags(parameter: &'static ParameterDef) -> Vec<Arg> {
    let flag = flag_name(parameter);
    let doc = one_line(parameter.doc);
    let arg = Arg::new(parameter.name).long(flag.clone()).help(doc.clone());
    let arg = match parameter.shape {
        ParamShape::String => arg.value_name("TEXT"),
        ParamShape::Integer => {
            arg.value_name("NUMBER").value_parser(value_parser!(i64)).allow_negative_numbers(true)
        }
        ParamShape::Boolean => arg
            .value_name("true|false")
            .value_parser(PossibleValuesParser::new(["true", "false"]))
            .hide_possible_values(true),
        ParamShape::List => arg
            .value_name("TEXT")
            .action(ArgAction::Append)
            .help(format!("{doc} Repeat the flag for each value.")),
        ParamShape::ObjectList(fields) => arg.value_name("JSON").action(ArgAction::Append).help(format!(
            "{doc} A JSON object with {}, or an array of such; the flag can be repeated.",
            fields.join(", ")
        )),
        ParamShape::JsonList(fields) => {
            arg.value_name("JSON").help(format!("{doc} A JSON array of objects with {}.", fields.join(", ")))
        }
        ParamShape::JsonMap => arg.value_name("JSON").help(format!("{doc} A JSON object.")),
        ParamShape::FlatObject(fields) => arg
            .value_name("JSON")
            .help(format!("{doc} A JSON object with {}, an object itself.", fields.join(", "))),
    };
    if !parameters::is_text(parameter) {
        return vec![arg.required(parameter.required)];
    }
    let name = format!("--{flag}");
    let file = Arg::new(parameters::file_id(parameter)).long(format!("{flag}-file")).value_name("PATH");
    let file = if is_secret(parameter) {
        file.help(format!(
            "File with the value of {name}; - is standard input. Unlike a flag's value, other users of the machine do not see \
             it. It is UTF-8 and taken as it is, a newline at its end included (printf '%s' writes none); only what is typed \
             at a terminal loses the newline of its last line."
        ))
    } else {
        // Plain parameters seldom come from files; --help shows these flags too.
        file.help(format!(
            "File with the value of {name}, without the newline at its end; - is standard input."
        ))
        .hide_short_help(true)
    };
    vec![arg, file]
}

/// The two flags exclude each other; one of them is needed where the parameter is.
fn flag_or_file(parameter: &'static ParameterDef) -> ArgGroup {
    ArgGroup::new(format!("{} or its file", parameter.name))
        .args([parameter.name.to_owned(), parameters::file_id(parameter)])
        .required(parameter.required)
}

fn rendered(answer: &RawAnswer, query: Option<&str>, as_text: bool) -> Result<Zeroizing<String>, CliError> {
    let Some(path) = query else { return Ok(answer.to_json()) };
    match answer.field(path) {
        None | Some(Value::Null) => Err(CliError::NoField(path.to_owned())),
        Some(Value::String(text)) if as_text => Ok(Zeroizing::new(text.clone())),
        Some(value) => Ok(Zeroizing::new(format!("{value:#}"))),
    }
}

/// Whether an answer can have a value at the path.
fn is_in(fields: &[Field], path: &str) -> bool {
    let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
    let Some(field) = fields.iter().find(|field| field.name == head) else { return false };
    fits(field.shape, rest)
}

fn fits(shape: Shape, path: Option<&str>) -> bool {
    match (shape, path) {
        (_, None) => true,
        (Shape::Object(fields), Some(path)) => is_in(fields, path),
        (Shape::Array(item), Some(path)) => {
            let (index, rest) =
                path.split_once('.').map_or((path, None), |(index, rest)| (index, Some(rest)));
            index.parse::<usize>().is_ok() && fits(*item, rest)
        }
        _ => false,
    }
}

/// The error with its causes; a service's refusal as `Code: message (request id …)`.
fn called(error: &keystead_client::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        // Libraries often repeat their cause in their own text.
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    // The text comes from the network and goes to a terminal.
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Doc comments come as lines with a space in front.
fn one_line(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}

#[cfg(test)]
mod tests;
