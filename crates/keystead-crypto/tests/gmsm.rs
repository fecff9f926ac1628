//! SM2 against a second implementation: Go's `github.com/emmansun/gmsm`, one process of `conformance/sm2`, fed on its
//! standard input. `cargo xtask test --only sm2` builds it and runs this with 5,000 cases, `cargo xtask soak sm2` with a
//! million.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod common;

use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::Instant;

use common::{sm2_pkcs8, sm2_spki};
use keystead_crypto::{
    EncryptionAlgorithm, KeyPairSpec, PrivateKey, PublicKey, Random as _, SignatureAlgorithm, SystemRandom,
};

/// How many cases the other side may be behind, so that both work at the same time.
const AHEAD: usize = 256;

fn random<const LEN: usize>() -> [u8; LEN] {
    let mut bytes = [0; LEN];
    SystemRandom.fill(&mut bytes).unwrap();
    bytes
}

/// What was asked, for the judgement of the answer and, when it is wrong, for finding out why.
struct Asked {
    line: String,
    expected: Expected,
}

enum Expected {
    /// The point, and a signature and a ciphertext that have to be right.
    Case { key: Box<PrivateKey>, e: [u8; 32], plaintext: Vec<u8> },
    /// This very line.
    Line(&'static str),
}

impl Asked {
    fn judge(&self, answer: &str) {
        let right = match &self.expected {
            Expected::Line(line) => answer == *line,
            Expected::Case { key, e, plaintext } => {
                let fields: Vec<Vec<u8>> =
                    answer.split(' ').skip(1).filter_map(|word| hex::decode(word).ok()).collect();
                let [point, signature, ciphertext] = fields.as_slice() else {
                    panic!("{} -> {answer}", self.line)
                };
                let opened = key.decrypt(EncryptionAlgorithm::Sm2Pke, ciphertext);
                key.public_key().spki() == sm2_spki(point)
                    && key.public_key().verify(SignatureAlgorithm::Sm2Dsa, e, signature) == Ok(true)
                    && opened.is_ok_and(|opened| *opened == *plaintext)
            }
        };
        assert!(right, "{} -> {answer}", self.line);
    }
}

/// A key, a digest and a plaintext, each random; the plaintext has 1 to 300 bytes.
fn case() -> (Asked, [u8; 32], Vec<u8>) {
    let scalar = random::<32>();
    let Ok(key) = PrivateKey::from_material(KeyPairSpec::Sm2, &sm2_pkcs8(&scalar)) else {
        return case(); // one of 2^32 is not below the order of the curve
    };
    let e = random::<32>();
    let len = 1 + usize::from(u16::from_be_bytes(random::<2>())) % 300;
    let plaintext = random::<300>()[..len].to_vec();
    let signature = key.sign(&SystemRandom, SignatureAlgorithm::Sm2Dsa, &e).unwrap();
    let ciphertext = loop {
        let ciphertext =
            key.public_key().encrypt(&SystemRandom, EncryptionAlgorithm::Sm2Pke, &plaintext).unwrap();
        // gmsm 0.15.5 refuses a C2 of zeros only, which one of 256 plaintexts of a byte has. The standard refuses a key
        // stream of zeros, which is something else.
        if ciphertext[ciphertext.len() - len..].iter().any(|byte| *byte != 0) {
            break ciphertext;
        }
    };
    let line = ["case".to_owned()]
        .into_iter()
        .chain([&scalar[..], &e, &signature, &plaintext, &ciphertext].map(hex::encode))
        .collect::<Vec<_>>()
        .join(" ");
    (Asked { line, expected: Expected::Case { key: Box::new(key), e, plaintext } }, scalar, ciphertext)
}

/// A ciphertext with one bit changed: refused here and there.
fn changed_ciphertext(key: &PrivateKey, scalar: &[u8], mut ciphertext: Vec<u8>) -> Asked {
    let at = usize::from(u16::from_be_bytes(random::<2>())) % ciphertext.len();
    ciphertext[at] ^= 1 << (random::<1>()[0] % 8);
    let line = format!("refuse {} {}", hex::encode(scalar), hex::encode(&ciphertext));
    assert!(key.decrypt(EncryptionAlgorithm::Sm2Pke, &ciphertext).is_err(), "{line}");
    Asked { line, expected: Expected::Line("refused") }
}

/// A point that may have a bit changed: what is taken here is on the curve there.
fn point(spki: &[u8]) -> Asked {
    let mut point = spki[spki.len() - 65..].to_vec();
    if !random::<1>()[0].is_multiple_of(4) {
        let at = 1 + usize::from(random::<1>()[0] % 64);
        point[at] ^= 1 << (random::<1>()[0] % 8);
    }
    let taken = PublicKey::from_spki(KeyPairSpec::Sm2, &sm2_spki(&point)).is_ok();
    Asked {
        line: format!("point {}", hex::encode(&point)),
        expected: Expected::Line(if taken { "on" } else { "off" }),
    }
}

fn send(to: &mut BufWriter<ChildStdin>, judge: &mpsc::SyncSender<Asked>, asked: Asked) {
    writeln!(to, "{}", asked.line).unwrap();
    judge.send(asked).unwrap();
}

#[test]
#[ignore = "needs the other implementation: cargo xtask test --only sm2"]
fn both_implementations_agree() {
    let peer = std::env::var("KEYSTEAD_SM2_PEER").expect("KEYSTEAD_SM2_PEER names the built conformance/sm2");
    let cases: usize = std::env::var("KEYSTEAD_SM2_CASES").unwrap().parse().unwrap();
    let start = Instant::now();
    let mut child = Command::new(peer)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut to = BufWriter::new(child.stdin.take().unwrap());
    let from = BufReader::new(child.stdout.take().unwrap());
    let (judge, judged) = mpsc::sync_channel::<Asked>(3 * AHEAD);
    let judging = std::thread::spawn(move || {
        let mut answers = from.lines();
        for (number, asked) in judged.into_iter().enumerate() {
            let answer = answers.next().expect("the other side has ended").unwrap();
            asked.judge(&answer);
            if number % 300_000 == 299_999 {
                println!("{} cases", (number + 1) / 3);
            }
        }
        assert!(answers.next().is_none(), "an answer too many");
    });
    for number in 1..=cases {
        let (asked, scalar, ciphertext) = case();
        let Expected::Case { key, .. } = &asked.expected else { unreachable!() };
        let others = [changed_ciphertext(key, &scalar, ciphertext), point(key.public_key().spki())];
        send(&mut to, &judge, asked);
        for asked in others {
            send(&mut to, &judge, asked);
        }
        if number % (AHEAD / 4) == 0 {
            to.flush().unwrap();
        }
    }
    drop((to, judge));
    judging.join().unwrap();
    assert!(child.wait().unwrap().success());
    let took = start.elapsed().as_secs_f64();
    println!(
        "SM2: {cases} cases, each with a changed ciphertext and a point, in {took:.1} s ({:.2} s for 1,000)",
        took * 1000.0 / cases as f64
    );
}
