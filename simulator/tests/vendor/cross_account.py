"""Drives the simulator with the vendor's own SDK: the cross-account network, and what must be refused.

Usage: cross_account.py READY_FILE. Every answer is decoded by the SDK's models; a member that a model does not know
is an error, as is anything unexpected. The last line says how many checks passed.
"""

import json
import sys
import time
import urllib.request
import warnings

from tencentcloud.cam.v20190116 import cam_client, models as cam
from tencentcloud.clb.v20180317 import clb_client, models as clb
from tencentcloud.common import abstract_client, credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.dnspod.v20210323 import dnspod_client, models as dnspod
from tencentcloud.sts.v20180813 import sts_client, models as sts
from tencentcloud.tag.v20180813 import tag_client, models as tag
from tencentcloud.tcm.v20210413 import tcm_client, models as tcm
from tencentcloud.tke.v20180525 import tke_client, models as tke
from tencentcloud.vpc.v20170312 import vpc_client, models as vpc

REGION = "ap-guangzhou"
HUB, MEMBER = "vpc-hub00001", "vpc-mem00003"

warnings.simplefilter("error")
passed = 0


def check(what, condition):
    """Counts a check, or ends the run where it does not hold."""
    global passed
    if not condition:
        sys.exit(f"failed: {what}")
    passed += 1


class Account:
    """One account's clients."""

    def __init__(self, ready, name, secret_key=None, **profile):
        keys = ready["accounts"][name]
        self.endpoint = ready["endpoint"].removeprefix("http://")
        self.credential = credential.Credential(keys["secret_id"], secret_key or keys["secret_key"])
        self.profile = profile

    def client(self, kind):
        http = HttpProfile(protocol="http", endpoint=self.endpoint, reqMethod=self.profile.get("method", "POST"))
        profile = ClientProfile(httpProfile=http, language="en-US")
        profile.unsignedPayload = self.profile.get("unsigned", False)
        return kind(self.credential, REGION, profile)

    def call(self, kind, request, **parameters):
        """Calls the action that `request` is for."""
        request.from_json_string(json.dumps(parameters))
        action = type(request).__name__.removesuffix("Request")
        return getattr(self.client(kind), action)(request)

    def vpc(self, request, **parameters):
        return self.call(vpc_client.VpcClient, request, **parameters)


def code(call):
    """The error code that a call is refused with."""
    try:
        call()
    except TencentCloudSDKException as error:
        check(f"a request id with {error}", error.requestId)
        return error.code
    return None


def instance(vpc_id):
    return {"InstanceId": vpc_id, "InstanceRegion": REGION, "InstanceType": "VPC"}


def advance(ready, span):
    body = json.dumps({"advance": span}).encode()
    urllib.request.urlopen(urllib.request.Request(ready["endpoint"] + "/_sim/clock", data=body, method="POST")).read()


def network(ready, a, b):
    """The CCN of one account with networks of both."""
    ccn_id = a.vpc(vpc.CreateCcnRequest(), CcnName="ccn").Ccn.CcnId
    rows = {"CcnId": ccn_id, "Instances": [instance(MEMBER)]}
    a.vpc(vpc.AttachCcnInstancesRequest(), CcnId=ccn_id, Instances=[instance(HUB)])
    b.vpc(vpc.AttachCcnInstancesRequest(), CcnUin=ready["accounts"]["a"]["uin"], **rows)

    def states(account):
        set_ = account.vpc(vpc.DescribeCcnAttachedInstancesRequest(), CcnId=ccn_id).InstanceSet
        return {row.InstanceId: row.State for row in set_}

    check("the owner sees both", states(a) == {HUB: "ATTACHING", MEMBER: "PENDING"})
    check("the applicant sees its own", states(b) == {MEMBER: "PENDING"})
    check("nobody accepts an own request", code(lambda: b.vpc(vpc.AcceptAttachCcnInstancesRequest(), **rows)) == "ResourceNotFound")
    a.vpc(vpc.AcceptAttachCcnInstancesRequest(), **rows)
    advance(ready, "2s")
    check("both are attached", states(a) == {HUB: "ACTIVE", MEMBER: "ACTIVE"})
    routes = a.vpc(vpc.DescribeCcnRoutesRequest(), CcnId=ccn_id).RouteSet
    check("both are published", {route.DestinationCidrBlock for route in routes} == {"10.0.1.0/24", "10.2.1.0/24"})
    tables = b.vpc(vpc.DescribeRouteTablesRequest(), Limit="20").RouteTableSet
    check("the member's table leads to the hub", any(it.RouteType == "CCN" for it in tables[0].RouteSet))
    b.vpc(vpc.DetachCcnInstancesRequest(), **rows)
    a.vpc(vpc.DetachCcnInstancesRequest(), CcnId=ccn_id, Instances=[instance(HUB)])
    check("a CCN in use stays", code(lambda: a.vpc(vpc.DeleteCcnRequest(), CcnId=ccn_id)) == "UnsupportedOperation.ExistCcnInstancesNotSupportDeleteCcn")
    advance(ready, "2s")
    check("both are gone", states(a) == {})
    a.vpc(vpc.DeleteCcnRequest(), CcnId=ccn_id)


def refusals(ready, a):
    """What is not signed as it must be."""
    describe = vpc.DescribeCcnsRequest

    def refused(account):
        return code(lambda: account.vpc(describe(), Limit=20))

    check("a wrong key", refused(Account(ready, "a", secret_key="wrong")) == "AuthFailure.SignatureFailure")
    stranger = Account(ready, "a")
    stranger.credential = credential.Credential("AKIDnobody", "wrong")
    check("an unknown key", refused(stranger) == "AuthFailure.SecretIdNotFound")
    with_token = Account(ready, "a")
    with_token.credential.token = "token"
    check("a token that is none", refused(with_token) == "AuthFailure.TokenFailure")

    real_time = time.time
    for skew in (-301, 301):
        abstract_client.time.time = lambda: real_time() + skew
        check(f"a clock off by {skew} s", refused(a) == "AuthFailure.SignatureExpire")
    abstract_client.time.time = real_time

    sign = abstract_client.AbstractClient._get_tc3_signature

    def tamper(client, params, request, *rest):
        signature = sign(client, params, request, *rest)
        request.data = request.data.replace("20", "99")
        return signature

    abstract_client.AbstractClient._get_tc3_signature = tamper
    check("a tampered body", refused(a) == "AuthFailure.SignatureFailure")
    abstract_client.AbstractClient._get_tc3_signature = sign


def spellings(ready):
    """Other ways to write the same request."""
    for profile in ({"method": "GET"}, {"unsigned": True}):
        account = Account(ready, "a", **profile)
        filters = [{"Name": "vpc-id", "Values": [HUB]}]
        check(f"{profile}", account.vpc(vpc.DescribeVpcsRequest(), Filters=filters, Limit="10").VpcSet[0].VpcId == HUB)


def paging(a):
    """Pages that cover a list."""
    made = {a.vpc(vpc.CreateCcnRequest(), CcnName=f"ccn{number}").Ccn.CcnId for number in range(5)}
    pages = [a.vpc(vpc.DescribeCcnsRequest(), Offset=offset, Limit=2) for offset in (0, 2, 4)]
    check("each page has the total", all(page.TotalCount == 5 for page in pages))
    found = [ccn.CcnId for page in pages for ccn in page.CcnSet]
    check("pages cover the list once", len(found) == 5 and set(found) == made)
    for ccn_id in made:
        a.vpc(vpc.DeleteCcnRequest(), CcnId=ccn_id)


def tags(a):
    """Tags as the vendor's own provider reads and writes them."""
    ccn_id = a.vpc(vpc.CreateCcnRequest(), CcnName="tagged", Tags=[{"Key": "mark", "Value": "1"}]).Ccn.CcnId
    name = f"qcs::vpc:{REGION}:uin/:ccn/{ccn_id}"
    a.call(tag_client.TagClient, tag.ModifyResourceTagsRequest(), Resource=name, ReplaceTags=[{"TagKey": "owner", "TagValue": "me"}])
    request = tag.DescribeResourceTagsByResourceIdsRequest()
    answer = a.call(tag_client.TagClient, request, ServiceType="vpc", ResourcePrefix="ccn", ResourceIds=[ccn_id], ResourceRegion=REGION)
    check("tags are answered", {it.TagKey: it.TagValue for it in answer.Tags} == {"mark": "1", "owner": "me"})
    a.vpc(vpc.DeleteCcnRequest(), CcnId=ccn_id)


def subnets(a):
    """What the vendor's provider does for a network."""
    made = a.vpc(vpc.CreateVpcRequest(), VpcName="v", CidrBlock="10.9.0.0/16", EnableMulticast="false").Vpc
    subnet = a.vpc(vpc.CreateSubnetRequest(), VpcId=made.VpcId, SubnetName="s", Zone="ap-guangzhou-3", CidrBlock="10.9.1.0/24").Subnet
    a.vpc(vpc.ModifySubnetAttributeRequest(), SubnetId=subnet.SubnetId, EnableBroadcast="true")
    shown = a.vpc(vpc.DescribeSubnetsRequest(), SubnetIds=[subnet.SubnetId], Offset="0", Limit="20").SubnetSet[0]
    check("a subnet is as it was made", (shown.EnableBroadcast, shown.CdcId, shown.AvailableIpAddressCount) == (True, "", 253))
    a.vpc(vpc.DeleteSubnetRequest(), SubnetId=subnet.SubnetId)
    a.vpc(vpc.DeleteVpcRequest(), VpcId=made.VpcId)
    check("a network that is gone is not found", code(lambda: a.vpc(vpc.DeleteVpcRequest(), VpcId=made.VpcId)) == "ResourceNotFound")


def other_services(ready, a, b):
    """One look at each of the other services, decoded by its models."""
    identity = a.call(sts_client.StsClient, sts.GetCallerIdentityRequest())
    check("the caller is known", identity.AccountId == ready["accounts"]["a"]["uin"])
    numbers = a.call(cam_client.CamClient, cam.GetUserAppIdRequest())
    check("the application id is known", numbers.AppId == ready["accounts"]["a"]["app_id"])
    role = a.call(cam_client.CamClient, cam.GetRoleRequest(), RoleName="tdcc-manifest-reader").RoleInfo
    assumed = b.call(sts_client.StsClient, sts.AssumeRoleRequest(), RoleArn=role.RoleArn, RoleSessionName="member")
    check("a role is assumed", assumed.Credentials.TmpSecretId and assumed.ExpiredTime > time.time())

    clusters = a.call(tke_client.TkeClient, tke.DescribeClustersRequest()).Clusters
    check("clusters are listed", [it.ClusterName for it in clusters] == ["cluster2", "cluster1"])
    state = a.call(tke_client.TkeClient, tke.DescribeClusterEndpointStatusRequest(), ClusterId="cls-hub00001")
    check("an endpoint is open", state.Status == "Created")

    made = a.call(clb_client.ClbClient, clb.CreateLoadBalancerRequest(), LoadBalancerType="OPEN", VpcId=HUB)
    advance(ready, "2s")
    check("a task ends", a.call(clb_client.ClbClient, clb.DescribeTaskStatusRequest(), TaskId=made.RequestId).Status == 0)
    found = a.call(clb_client.ClbClient, clb.DescribeLoadBalancersRequest(), LoadBalancerIds=made.LoadBalancerIds)
    check("a load balancer is listed", found.LoadBalancerSet[0].Status == 1)

    record = {"Domain": "imroc.cc", "SubDomain": "www", "RecordType": "A", "RecordLine": "默认", "Value": "203.0.113.9"}
    made = a.call(dnspod_client.DnspodClient, dnspod.CreateRecordRequest(), **record)
    shown = a.call(dnspod_client.DnspodClient, dnspod.DescribeRecordRequest(), Domain="imroc.cc", RecordId=made.RecordId)
    check("a record is as it was made", (shown.RecordInfo.Value, shown.RecordInfo.RecordLine) == ("203.0.113.9", "默认"))
    advance(ready, "2s")
    listed = a.call(dnspod_client.DnspodClient, dnspod.DescribeRecordListRequest(), Domain="imroc.cc", Subdomain="www")
    check("a record is listed", listed.RecordList[0].RecordId == made.RecordId)
    domain = a.call(dnspod_client.DnspodClient, dnspod.DescribeDomainRequest(), Domain="imroc.cc")
    check("a domain is described", domain.DomainInfo.Status == "ENABLE")


def mesh(ready, a):
    """A mesh, its cluster and its gateway."""

    def call(request, **parameters):
        return a.call(tcm_client.TcmClient, request, **parameters)

    config = {"Istio": {"OutboundTrafficPolicy": "ALLOW_ANY"}}
    mesh_id = call(tcm.CreateMeshRequest(), DisplayName="mesh", MeshVersion="1.12.5", Type="HOSTED", Config=config).MeshId
    advance(ready, "2s")
    cluster = {"ClusterId": "cls-hub00001", "Region": REGION, "Role": "REMOTE", "VpcId": HUB, "SubnetId": "subnet-hub00001", "Type": "TKE"}
    call(tcm.LinkClusterListRequest(), MeshId=mesh_id, ClusterList=[cluster])
    advance(ready, "2s")
    gateway = {"Name": "istio-ingressgateway", "Namespace": "istio-system", "ClusterId": "cls-hub00001", "Service": {"Type": "LoadBalancer"}, "Workload": {"Replicas": 1}, "LoadBalancer": {"LoadBalancerType": "OPEN"}}
    cluster["Config"] = {"AutoInjectionNamespaceList": [], "IngressGatewayList": [gateway]}
    call(tcm.ModifyMeshRequest(), MeshId=mesh_id, ClusterList=[cluster])
    advance(ready, "2s")
    shown = call(tcm.DescribeMeshRequest(), MeshId=mesh_id).Mesh
    linked = shown.ClusterList[0]
    check("the cluster is linked", (shown.State, linked.Status.LinkState) == ("RUNNING", "LINKED"))
    status = linked.Config.IngressGatewayList[0].Status
    check("the gateway has an address", status.State == "running" and status.LoadBalancer.LoadBalancerVip)
    check("the mesh is listed", call(tcm.DescribeMeshListRequest(), Limit=50).Total == 1)
    call(tcm.DeleteMeshRequest(), MeshId=mesh_id, NeedDeleteCLS=False)
    advance(ready, "2s")
    check("a mesh that is gone is not found", code(lambda: call(tcm.DescribeMeshRequest(), MeshId=mesh_id)) == "ResourceNotFound")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        ready = json.load(file)
    a, b = Account(ready, "a"), Account(ready, "b")
    network(ready, a, b)
    refusals(ready, a)
    spellings(ready)
    paging(a)
    tags(a)
    subnets(a)
    other_services(ready, a, b)
    mesh(ready, a)
    print(f"{passed} checks passed")


main()
