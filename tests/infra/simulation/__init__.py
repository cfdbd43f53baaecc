"""CloudFormation on this machine: moto's server, and what it lacks for an unmodified `sam deploy`."""
