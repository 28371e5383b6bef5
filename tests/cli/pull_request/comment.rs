//! The step of the page that writes the summary into a comment, with a stand-in for `gh`.

use std::fs;

use serde_json::Value;

use super::runner::{Job, Runner, read};

/// `gh api` for the comments of one pull request, each a file with its author in the first line.
const GH: &str = r#"
set -eu
[ "$1" = api ]; shift
method=GET body= jq= place=
while [ $# -gt 0 ]; do
  case $1 in
    --paginate | --silent) ;;
    --method) method=$2; shift ;;
    --jq) jq=$2; shift ;;
    --field) body=${2#body=@}; shift ;;
    -*) echo "unknown flag $1" >&2; exit 1 ;;
    *) place=$1 ;;
  esac
  shift
done
[ "$GH_TOKEN" = token ]
case "$method $place" in
  "GET repos/acme/phone/issues/7/comments")
    case $jq in
      *'.user.login == "github-actions[bot]" and (.body | startswith(env.MARKER))'*' | .url') ;;
      *) echo "another filter: $jq" >&2; exit 1 ;;
    esac
    for comment in ../comments/*; do
      if [ "$(sed -n 1p "$comment")" = "github-actions[bot]" ]; then
        case $(sed -n 2p "$comment") in "$MARKER"*) echo "https://api.example.com/$comment" ;; esac
      fi
    done ;;
  "PATCH https://api.example.com/../comments/"*)
    { echo "github-actions[bot]"; cat "$body"; } > "${place#https://api.example.com/}" ;;
  "POST repos/acme/phone/issues/7/comments")
    { echo "github-actions[bot]"; cat "$body"; } > "../comments/9-$(ls ../comments | wc -l)" ;;
  *) echo "unknown call $method $place" >&2; exit 1 ;;
esac
"#;

/// The step, as the page has it.
fn step() -> Value {
    let page = read("docs/ci.md");
    let mut blocks = page.split("```yaml\n").skip(1);
    let block = blocks.find(|block| block.contains("gh api")).unwrap();
    let block = block.split("```").next().unwrap();
    let steps: Vec<Value> = serde_saphyr::from_str(block).unwrap();
    assert_eq!(steps.len(), 1);
    steps.into_iter().next().unwrap()
}

#[test]
fn the_summary_has_one_comment_of_its_own() {
    let mut runner = Runner::new();
    runner.tool("gh", GH);
    for (expression, value) in [
        ("github.token", "token"),
        ("github.repository", "acme/phone"),
        ("github.event.pull_request.number", "7"),
    ] {
        runner.value(expression, value);
    }
    let step = step();
    // The job fails where a hazard is not acknowledged, and that is what is to be read.
    let due = "${{ !cancelled() && hashFiles('summary.md') != '' }}";
    assert_eq!(step["if"], due);
    assert!(!step["run"].as_str().unwrap().contains("${{"));
    let marker = step["env"]["MARKER"].as_str().unwrap();
    fs::create_dir(runner.path("comments")).unwrap();
    let others = [
        ("1", "github-actions[bot]\nanother workflow".to_owned()),
        ("2", format!("octocat\n{marker}\nmine")),
    ];
    for (name, text) in &others {
        fs::write(runner.path("comments").join(name), text).unwrap();
    }
    for summary in ["first: 5 sign-in flows break", "second: nothing breaks"] {
        fs::write(runner.path("checkout/summary.md"), summary).unwrap();
        let mut job = Job::default();
        runner.step(&Value::Null, &step, &mut job);
        assert_eq!(job.code, 0, "{}", job.log);
        let comment = fs::read_to_string(runner.path("comments/9-2")).unwrap();
        assert_eq!(comment, format!("github-actions[bot]\n{marker}\n{summary}"));
        assert_eq!(fs::read_dir(runner.path("comments")).unwrap().count(), 3);
    }
    for (name, text) in others {
        let kept = fs::read_to_string(runner.path("comments").join(name)).unwrap();
        assert_eq!(kept, text);
    }
}
