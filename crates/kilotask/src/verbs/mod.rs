//! The verbs: each says what it takes, with an example, and does it.

pub mod aggregate;
pub mod background_load;
pub mod build;
pub mod bundle;
pub mod calibrate;
pub mod check;
pub mod compare;
pub mod describe_csv;
pub mod doctor;
pub mod export;
pub mod gallery;
pub mod keeper;
pub mod list;
pub mod merge;
pub mod new;
pub mod peer;
pub mod plan;
pub mod report;
pub mod reproduce;
pub mod run;
pub mod schema;
pub mod sensitivity;
pub mod slurm;
pub mod table;
pub mod trial;
pub mod verify;
