//! `dialtone crd`: prints the custom resource definitions, or writes them to a folder.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::api::{CrdError, Kind, crd_yaml};

/// Print the custom resource definitions.
///
/// Apply them with: dialtone crd | kubectl apply --server-side -f -
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Write one file per kind and a kustomization.yaml to this folder instead of printing.
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

/// Why the definitions could not be printed or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A definition could not be made.
    #[error(transparent)]
    Crd(#[from] CrdError),
    /// Standard output refused the text.
    #[error("cannot print the definitions")]
    Print(#[source] io::Error),
    /// A file could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// File or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

/// Carries the command out.
///
/// # Errors
///
/// [`Error`] says what could not be printed or written.
pub fn run(args: &Args) -> Result<(), Error> {
    match &args.output {
        None => {
            let yaml = crd_yaml()?;
            io::stdout()
                .lock()
                .write_all(yaml.as_bytes())
                .map_err(Error::Print)
        }
        Some(folder) => {
            let files = files()?;
            fs::create_dir_all(folder).map_err(|source| Error::Write {
                path: folder.clone(),
                source,
            })?;
            files
                .iter()
                .try_for_each(|(name, text)| write(&folder.join(name), text))
        }
    }
}

/// The files of the folder `crds`: their names and contents.
///
/// # Errors
///
/// [`CrdError`] if a definition cannot be made.
pub fn files() -> Result<Vec<(String, String)>, CrdError> {
    let mut files = Vec::new();
    let mut kustomization = String::from(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n",
    );
    for kind in Kind::ALL {
        let name = format!("{}.yaml", kind.plural());
        kustomization.push_str("- ");
        kustomization.push_str(&name);
        kustomization.push('\n');
        files.push((name, kind.crd_yaml()?));
    }
    files.push(("kustomization.yaml".to_owned(), kustomization));
    Ok(files)
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    fs::write(path, text).map_err(|source| Error::Write {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gets_one_file_per_kind_and_a_kustomization() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("crds");
        run(&Args {
            output: Some(output.clone()),
        })
        .unwrap();
        let mut names: Vec<_> = fs::read_dir(output)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(
            names,
            [
                "auth0tenants.yaml",
                "kustomization.yaml",
                "mfaphonefactors.yaml",
                "passwordlessconnections.yaml",
                "phoneidentifiers.yaml",
                "phoneproviders.yaml",
                "phonetemplates.yaml",
                "phonetestmessages.yaml",
            ]
        );
    }
}
