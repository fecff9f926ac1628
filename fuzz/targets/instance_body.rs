//! Any bytes as a message of the instance API: none may panic, what was read is written as it is read, and nothing secret is
//! shown.

use keystead_api::for_each_instance_operation;
use keystead_api::instance::{InstanceMessage, InstanceOperation, operations};

/// One case: the first byte chooses an operation, the rest is a message.
pub fn run(data: &[u8]) {
    let Some((choice, body)) = data.split_first() else { return };
    let mut all: Vec<fn(&[u8])> = Vec::new();
    macro_rules! add {
        ($($method:ident $name:ident $id:ident,)*) => {
            $(
                all.push(check::<<operations::$name as InstanceOperation>::Request>);
                all.push(check::<<operations::$name as InstanceOperation>::Response>);
            )*
        };
    }
    for_each_instance_operation!(add);
    all[usize::from(*choice) % all.len()](body);
}

fn check<M: InstanceMessage>(body: &[u8]) {
    let Ok(message) = M::read(body) else { return };
    let written = message.write();
    let again = M::read(&written).expect("what is written here is read here");
    assert_eq!(again.write(), written);
    for field in M::FIELDS {
        // Bytes and what is secret are not among what may be shown.
        let hidden = field.secret || field.kind == "bytes";
        assert!(!hidden || message.shown().iter().all(|(name, _)| name != field.name));
    }
    let _ = format!("{message:?}");
    let mut wiped = M::read(body).expect("it was read before");
    wiped.wipe();
    for field in M::FIELDS.iter().filter(|field| field.secret) {
        assert!(!wiped.has(field.name));
    }
}
