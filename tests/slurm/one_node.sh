#!/usr/bin/env bash
# A real Slurm on this machine alone, for tests: no systemd, no accounting, everything below one folder. Runs as root.
#   apt-get install -y --no-install-recommends slurmd slurmctld slurm-client munge
#   tests/slurm/one_node.sh up FOLDER && export SLURM_CONF=FOLDER/slurm.conf
#   tests/slurm/one_node.sh down FOLDER
# FOLDER must be readable by everybody all the way up. CPUS (4) may be more than the machine has; GPUS (2) are made up.
set -euo pipefail
action=${1:?up or down}
folder=$(realpath -m "${2:?folder}")
host=$(hostname -s)
cpus=${CPUS:-4}
gpus=${GPUS:-2}

down() {
  for daemon in slurmd slurmctld munged; do
    if [ -s "$folder/$daemon.pid" ]; then kill "$(cat "$folder/$daemon.pid")" 2>/dev/null || true; fi
  done
}

if [ "$action" = down ]; then
  down
  exit 0
fi

mkdir -p "$folder/state" "$folder/spool"
chmod 755 "$folder"
head -c 128 /dev/urandom >"$folder/munge.key"
chmod 400 "$folder/munge.key"
munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
  --log-file="$folder/munged.log" --seed-file="$folder/munge.seed"

memory=$(slurmd -C | sed -n 's/.*RealMemory=\([0-9]*\).*/\1/p')
cat >"$folder/slurm.conf" <<CONF
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=${PORT:-26917}
SlurmdPort=$((${PORT:-26917} + 1))
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$folder/munge.socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=5
GresTypes=gpu
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cpus RealMemory=$memory Gres=gpu:$gpus State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=60 State=UP
CONF
echo "NodeName=$host Name=gpu File=/dev/tty[0-$((gpus - 1))]" >"$folder/gres.conf"
case $(slurmd -V) in # control groups are not needed; how to say so changed
  "slurm"*" 2"[0-2].*) echo "CgroupAutomount=no" ;;
  *) echo "CgroupPlugin=disabled" ;;
esac >"$folder/cgroup.conf"

export SLURM_CONF="$folder/slurm.conf"
slurmctld
slurmd -N "$host"
for _ in $(seq 60); do
  if [ "$(sinfo --noheader --format=%T 2>/dev/null)" = idle ]; then exit 0; fi
  sleep 0.5
done
echo "the node did not become idle; see the logs in $folder" >&2
tail -n 5 "$folder"/*.log >&2
down
exit 1
