//! The order of a program's functions. gzip looks back no further than 32 KB: of two functions that are alike the second costs
//! little where the first is near, and everything where it is not.

use std::collections::{HashMap, HashSet, VecDeque};

use wasm_encoder::{NameMap, NameSection, Section};
use wasmparser::{Parser, Payload, TypeRef};

use crate::Error;

/// How far back likeness counts, in bytes; less than gzip's window, which also holds what it finds there itself.
const NEAR: usize = 24_000;

/// Functions are alike by the stretches of so many bytes that they share.
const STRETCH: usize = 6;

/// A stretch that stands in more functions than these is found near everywhere.
const COMMON: usize = 60;

/// The program, each function named so that those that are alike stand together in the order of names.
///
/// # Errors
///
/// [`Error::Answer`] when it is no program.
pub fn named(program: &[u8]) -> Result<Vec<u8>, Error> {
    let (imported, bodies) = functions(program).map_err(|error| Error::Answer {
        program: "wasm-opt",
        why: error.to_string(),
    })?;
    let mut places: Vec<(usize, usize)> = order(&bodies)
        .into_iter()
        .enumerate()
        .map(|(at, body)| (body, at))
        .collect();
    places.sort_unstable();
    let mut names = NameMap::new();
    for (index, (_, place)) in (imported..).zip(places) {
        names.append(index, &format!("{place:08}"));
    }
    let mut section = NameSection::new();
    section.functions(&names);
    let mut named = program.to_vec();
    section.append_to(&mut named);
    Ok(named)
}

/// How many functions come from outside, and the code of the others.
fn functions(program: &[u8]) -> wasmparser::Result<(u32, Vec<&[u8]>)> {
    let (mut imported, mut bodies) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(program) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
            _ => {}
        }
    }
    Ok((imported, bodies))
}

/// Bodies by their numbers, each time the one that is most like what stands before it; among equals the first.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let stretches: Vec<HashSet<&[u8]>> = bodies.iter().map(|body| body.windows(STRETCH).collect()).collect();
    let mut holders: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (body, all) in stretches.iter().enumerate() {
        for stretch in all {
            holders.entry(stretch).or_default().push(body);
        }
    }
    holders.retain(|_, all| (2..=COMMON).contains(&all.len()));
    let mut near = Near {
        stretches,
        holders,
        count: HashMap::new(),
        shared: vec![0; bodies.len()],
    };
    let (mut left, mut order) = ((0..bodies.len()).collect::<Vec<_>>(), Vec::with_capacity(bodies.len()));
    let (mut window, mut length) = (VecDeque::new(), 0);
    // A little is added to each length: what is hardly there is not much like anything.
    let weighs_more =
        |(shared, length): (usize, usize), (most, of): (usize, usize)| shared * (of + 20) > most * (length + 20);
    while let Some(&first) = left.first() {
        let weight = |body: usize, near: &Near<'_>| (near.shared[body], bodies[body].len());
        let (mut at, mut best) = (0, weight(first, &near));
        for (place, &body) in left.iter().enumerate().skip(1) {
            if weighs_more(weight(body, &near), best) {
                (at, best) = (place, weight(body, &near));
            }
        }
        let body = left.remove(at);
        order.push(body);
        near.enters(body);
        window.push_back(body);
        length += bodies[body].len();
        while length > NEAR && window.len() > 1 {
            if let Some(body) = window.pop_front() {
                length -= bodies[body].len();
                near.leaves(body);
            }
        }
    }
    order
}

/// What stands near.
struct Near<'a> {
    /// Of each body.
    stretches: Vec<HashSet<&'a [u8]>>,
    /// Bodies that hold a stretch, where there are some, and not too many.
    holders: HashMap<&'a [u8], Vec<usize>>,
    /// In how many of those that are near a stretch stands.
    count: HashMap<&'a [u8], usize>,
    /// How many stretches each body has in common with those that are near.
    shared: Vec<usize>,
}

impl Near<'_> {
    fn enters(&mut self, body: usize) {
        for stretch in &self.stretches[body] {
            let Some(holders) = self.holders.get(stretch) else {
                continue;
            };
            let count = self.count.entry(stretch).or_default();
            *count += 1;
            if *count == 1 {
                holders.iter().for_each(|one| self.shared[*one] += 1);
            }
        }
    }

    fn leaves(&mut self, body: usize) {
        for stretch in &self.stretches[body] {
            let Some(holders) = self.holders.get(stretch) else {
                continue;
            };
            let count = self.count.entry(stretch).or_default();
            *count -= 1;
            if *count == 0 {
                holders.iter().for_each(|one| self.shared[*one] -= 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_alike_stands_together() {
        let bodies: [&[u8]; 4] = [b"abcdefghijkl", b"0123456789ab", b"xabcdefghijk", b"0123456789xy"];
        assert_eq!(order(&bodies), [0, 2, 1, 3]);
        assert!(order(&[]).is_empty());
    }

    #[test]
    fn what_is_no_program_is_said_to_be_none() {
        let error = named(b"<!doctype html>").expect_err("it is none");
        assert!(error.to_string().starts_with("wasm-opt gave an answer"), "{error}");
    }

    #[test]
    fn every_function_gets_a_name_and_nothing_else_changes() {
        use wasm_encoder::{CodeSection, Function, FunctionSection, Module, TypeSection};
        let (mut types, mut functions, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
        types.ty().function([], []);
        for _ in 0..3 {
            functions.function(0);
            let mut body = Function::new([]);
            body.instructions().end();
            code.function(&body);
        }
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&code);
        let program = module.finish();
        let named = named(&program).expect("it is one");
        assert!(named.starts_with(&program));
        let after = named.get(program.len()..).expect("more");
        for name in ["00000000", "00000001", "00000002"] {
            assert!(after.windows(name.len()).any(|part| part == name.as_bytes()), "{name}");
        }
    }
}
