//! The command line of `cargo xtask`.

use crate::soak::Soak;
use crate::step::Step;

/// What `cargo xtask help` prints.
pub(crate) const HELP: &str = "\
cargo xtask COMMAND

  test [--require-all] [--only STEP...] [--list]
         all checks of the project, in order; see `--list` for the steps
         --require-all  a step that has to be skipped is a failure
         --only STEP... these steps alone; `conformance` means all its languages
         --list         print the steps and end
  docs   write the generated pages in docs/operations again
  bench [ARG...]
         run the load driver in a release build; without ARG: all
  soak [NAME...] [--cases N]
         long runs, one after the other; without NAME: all. The names: sm2, secrets
         --cases N      how many cases each runs, instead of its own number
  help   print this

Environment:
  CARGO_TARGET_DIR  where cargo builds, as always
  KEYSTEAD_TOOLS    where built tools are kept; default: keystead/tools in the user's cache folder
  KEYSTEAD_CONFORMANCE_CACHE
                    where the SDKs of other languages are kept; default: keystead/conformance there";

/// One parsed command line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// Print the help.
    Help,
    /// Print the steps of `test`.
    List,
    /// Write the generated pages.
    Docs,
    /// Run the load driver with these arguments.
    Bench(Vec<String>),
    /// Run the long runs.
    Soak {
        /// The chosen ones; empty means all.
        chosen: Vec<Soak>,
        /// How many cases, where it is not the soak's own number.
        cases: Option<u64>,
    },
    /// Run the checks.
    Test {
        /// A skip counts as a failure.
        require_all: bool,
        /// The chosen steps; empty means all.
        only: Vec<Step>,
    },
}

/// Reads the words after `cargo xtask`. The error is a sentence for the user.
pub(crate) fn parse(words: &[String]) -> Result<Request, String> {
    let mut words = words.iter().map(String::as_str);
    match words.next() {
        None | Some("help" | "--help" | "-h") => Ok(Request::Help),
        Some("docs") => words.next().map_or(Ok(Request::Docs), |word| Err(unexpected(word))),
        Some("bench") => Ok(Request::Bench(words.map(str::to_owned).collect())),
        Some("soak") => parse_soak(words),
        Some("test") => parse_test(words),
        Some(word) => Err(format!("there is no command `{word}`")),
    }
}

fn parse_soak<'a>(mut words: impl Iterator<Item = &'a str>) -> Result<Request, String> {
    let (mut chosen, mut cases) = (Vec::new(), None);
    while let Some(word) = words.next() {
        match word {
            "--help" | "-h" => return Ok(Request::Help),
            "--cases" => match words.next().map(str::parse) {
                Some(Ok(number)) => cases = Some(number),
                _ => return Err("`--cases` needs a number".to_owned()),
            },
            name => match Soak::ALL.into_iter().find(|soak| soak.name() == name) {
                Some(soak) => chosen.push(soak),
                None if name.starts_with('-') => return Err(unexpected(name)),
                None => {
                    let names: Vec<&str> = Soak::ALL.iter().map(|soak| soak.name()).collect();
                    return Err(format!("there is no soak `{name}`; there are {}", names.join(", ")));
                }
            },
        }
    }
    Ok(Request::Soak { chosen, cases })
}

fn parse_test<'a>(words: impl Iterator<Item = &'a str>) -> Result<Request, String> {
    let (mut require_all, mut list, mut only) = (false, false, Vec::new());
    let mut reading_steps = false;
    let mut steps_wanted = false;
    for word in words {
        if let Some(names) = word.strip_prefix("--only=") {
            for name in names.split(',') {
                only.extend(steps(name)?);
            }
        } else if word.starts_with('-') {
            if steps_wanted {
                break;
            }
            reading_steps = word == "--only";
            steps_wanted = reading_steps;
            match word {
                "--only" => {}
                "--require-all" => require_all = true,
                "--list" => list = true,
                "--help" | "-h" => return Ok(Request::Help),
                _ => return Err(unexpected(word)),
            }
        } else if reading_steps {
            only.extend(steps(word)?);
            steps_wanted = false;
        } else {
            return Err(unexpected(word));
        }
    }
    if steps_wanted {
        return Err("`--only` needs the name of a step".to_owned());
    }
    Ok(if list { Request::List } else { Request::Test { require_all, only } })
}

fn steps(name: &str) -> Result<Vec<Step>, String> {
    let found: Vec<Step> = Step::ALL
        .iter()
        .copied()
        .filter(|step| step.name() == name || step.name().split(':').next() == Some(name))
        .collect();
    if found.is_empty() {
        let names: Vec<&str> = Step::ALL.iter().map(|step| step.name()).collect();
        return Err(format!("there is no step `{name}`; the steps are {}", names.join(", ")));
    }
    Ok(found)
}

fn unexpected(word: &str) -> String {
    format!("`{word}` was not expected here")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::Language;

    fn read(line: &str) -> Result<Request, String> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn nothing_and_help_mean_help() {
        for line in ["", "help", "--help", "-h", "test --help"] {
            assert_eq!(read(line), Ok(Request::Help), "{line}");
        }
    }

    #[test]
    fn test_alone_means_every_step() {
        assert_eq!(read("test"), Ok(Request::Test { require_all: false, only: vec![] }));
        assert_eq!(read("test --list"), Ok(Request::List));
    }

    #[test]
    fn only_takes_several_names_until_the_next_flag() {
        let wanted = Request::Test { require_all: true, only: vec![Step::Fmt, Step::Deny] };
        for line in [
            "test --only fmt deny --require-all",
            "test --require-all --only fmt --only deny",
            "test --only=fmt,deny --require-all",
        ] {
            assert_eq!(read(line).as_ref(), Ok(&wanted), "{line}");
        }
    }

    #[test]
    fn conformance_means_its_languages() {
        let all: Vec<Step> = Language::ALL.iter().map(|language| Step::Conformance(*language)).collect();
        assert_eq!(read("test --only conformance"), Ok(Request::Test { require_all: false, only: all }));
        let go = vec![Step::Conformance(Language::Go)];
        assert_eq!(read("test --only conformance:go"), Ok(Request::Test { require_all: false, only: go }));
    }

    #[test]
    fn mistakes_are_named() {
        for (line, named) in [
            ("tset", "`tset`"),
            ("docs now", "`now`"),
            ("test fmt", "`fmt`"),
            ("test --only", "`--only`"),
            ("test --only --require-all", "`--only`"),
            ("test --only nothing", "`nothing`"),
            ("test --quick", "`--quick`"),
            ("soak nothing", "`nothing`"),
            ("soak --cases", "`--cases`"),
            ("soak sm2 --cases many", "`--cases`"),
            ("soak --quick", "`--quick`"),
        ] {
            let message = read(line).expect_err(line);
            assert!(message.contains(named), "{line}: {message}");
        }
    }

    #[test]
    fn soak_alone_means_all_with_their_own_numbers() {
        assert_eq!(read("soak"), Ok(Request::Soak { chosen: vec![], cases: None }));
        let wanted = Request::Soak { chosen: vec![Soak::Sm2], cases: Some(100_000) };
        for line in ["soak sm2 --cases 100000", "soak --cases 100000 sm2"] {
            assert_eq!(read(line).as_ref(), Ok(&wanted), "{line}");
        }
    }

    #[test]
    fn bench_hands_its_arguments_on() {
        assert_eq!(read("bench"), Ok(Request::Bench(vec![])));
        assert_eq!(read("bench encrypt --help"), Ok(Request::Bench(vec!["encrypt".into(), "--help".into()])));
    }
}
