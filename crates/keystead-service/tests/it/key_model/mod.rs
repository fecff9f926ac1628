//! Random sequences of operations on keys and moves of the clock, against a small model of the reference: the same answers,
//! including error codes, whether or not the background work has run.

mod model;
mod real;
mod step;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use self::model::{DAY, Model};
use self::real::Real;
use self::step::{FIRST, Step, Target, step};

/// Every few seconds of the model's time the clock moves by one, so that versions are made in an order that shows.
const TICK: i64 = 1;

async fn run(steps: &[(usize, Step)]) -> Result<(), TestCaseError> {
    let mut real = Real::new().await;
    let mut model = Model::new(real.now());
    let first = FIRST.map(|spec| (0, Step::Create { spec, rotation: None }));
    let all: Vec<_> = first.iter().chain(steps).collect();
    for (number, (engine, step)) in all.iter().enumerate() {
        match step {
            Step::Advance(days) => advance(&real, &mut model, days * DAY),
            Step::ToBoundary(beside) => {
                if let Some(seconds) = model.next_boundary() {
                    advance(&real, &mut model, (seconds + beside).max(0));
                }
            }
            Step::CarryOut => {
                model.carry_out();
                real.carry_out(*engine).await;
            }
            _ => {
                let (seen, expected) = (real.answer(*engine, step).await, model.answer(step));
                prop_assert_eq!(
                    seen,
                    expected,
                    "step {}: {:?}\nin {:#?}\n{:#?}",
                    number,
                    step,
                    model,
                    &all[..=number]
                );
                advance(&real, &mut model, TICK);
            }
        }
    }
    // In the end everything reads as the model has it, on both engines, before the background work and after it.
    for carried_out in [false, true] {
        if carried_out {
            model.carry_out();
            real.carry_out(0).await;
        }
        let mut last = vec![Step::ListKeys, Step::ListAliases];
        last.extend((0..real.keys()).map(|key| Step::Describe(Target::Key(key))));
        last.extend((0..real.blobs()).map(Step::Decrypt));
        for step in &last {
            let expected = model.answer(step);
            for engine in 0..2 {
                prop_assert_eq!(
                    real.answer(engine, step).await,
                    expected.as_str(),
                    "at the end: {:?}\n{:#?}",
                    step,
                    all
                );
            }
        }
    }
    Ok(())
}

fn advance(real: &Real, model: &mut Model, seconds: i64) {
    model.advance(seconds);
    real.advance(seconds);
}

#[test]
fn keys_answer_as_the_model_says() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let steps = prop::collection::vec((0..2usize, step()), 1..80);
    let mut runner = TestRunner::new(crate::harness::sequences());
    if let Err(error) = runner.run(&steps, |steps| runtime.block_on(run(&steps))) {
        panic!("{error}");
    }
}
